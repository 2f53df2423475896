"""Loads the three catalogs and answers in a language; a missing text is its key, never empty."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["ru", "ky", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_FOLDER = Path(__file__).parent


def as_language(text: str | None) -> Language | None:
    """``text`` as a language of the hall, or None when it names no language that we speak."""
    for language in LANGUAGES:
        if text == language:
            return language
    return None


class Catalogs:
    """All texts of the pages, by language and key."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._translations: dict[str, gettext.GNUTranslations] = {}
        self._words: dict[str, dict[str, str]] = {}
        for language in LANGUAGES:
            path = folder / language / "LC_MESSAGES" / "dobush.po"
            with path.open("rb") as file:
                catalog = read_po(file, locale=language)
            compiled = io.BytesIO()
            write_mo(compiled, catalog)
            compiled.seek(0)
            self._translations[language] = gettext.GNUTranslations(compiled)
            self._words[language] = {
                message.id: message.string
                for message in catalog
                if isinstance(message.id, str) and message.id and isinstance(message.string, str)
            }

    def text(self, language: str, key: str, **values: object) -> str:
        """The text of ``key``; ``values`` fill its ``{placeholders}``."""
        found = self._translations[language].gettext(key)
        return found.format_map(values) if values else found

    def counted(self, language: str, key: str, count: int, **values: object) -> str:
        """The text of ``key`` in the plural form that ``count`` takes; ``{count}`` is filled."""
        found = self._translations[language].ngettext(key, key + ".other", count)
        return found.format_map({"count": count, **values})

    def words(self, language: str, prefixes: tuple[str, ...]) -> Mapping[str, str]:
        """Every text without plural forms whose key begins with one of ``prefixes``."""
        return {
            key: text for key, text in self._words[language].items() if key.startswith(prefixes)
        }

    def has(self, language: str, key: str) -> bool:
        """Whether ``key`` has a text of its own in ``language``."""
        return key in self._words[language]
