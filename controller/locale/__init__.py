"""The words of the hall in Russian, Kyrgyz and English, and how each language counts and sorts.

Catalogs are gettext PO files whose message ids are keys (``board.quorum.reached``); they are
compiled in memory when loaded, so the text on a screen is always the text in the repository.
"""

from controller.locale.alphabet import sort_key
from controller.locale.catalogs import LANGUAGES, Catalogs, Language, as_language
from controller.locale.dates import clock_text, date_text

__all__ = [
    "LANGUAGES",
    "Catalogs",
    "Language",
    "as_language",
    "clock_text",
    "date_text",
    "sort_key",
]
