"""Invented people with their names in Russian, Kyrgyz and English, for a hall of up to 500.

Promises: the same number always gives the same people, nobody twice, and no two with the same name
in any language, full or short. Names are data: the first people are written out whole in
``people.csv``; larger halls go on with combinations of ``given_names.csv`` and ``surnames.csv``,
whose parts are known to be a given name and a surname, so nothing is ever taken apart.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from typing import Literal, cast

import msgspec

from controller.core.facts import Name, Names

PEOPLE_MAX = 500

Language = Literal["ru", "ky", "en"]


class Person(msgspec.Struct, frozen=True):
    """One invented person and the language in which the seat speaks to them."""

    name: Names
    language: Language


def people(count: int) -> tuple[Person, ...]:
    """The first ``count`` people; raises ValueError where there are not so many."""
    if not 1 <= count <= PEOPLE_MAX:
        raise ValueError(f"{count} people: between 1 and {PEOPLE_MAX} can be invented")
    chosen: list[Person] = []
    taken: set[tuple[str, str]] = set()
    for person in _candidates():
        keys = _keys(person)
        if taken.isdisjoint(keys):
            taken |= keys
            chosen.append(person)
            if len(chosen) == count:
                return tuple(chosen)
    raise ValueError(f"only {len(chosen)} different people can be invented")


def written_out() -> tuple[Person, ...]:
    """The people of ``people.csv``."""
    return tuple(
        Person(
            Names(*(Name(*(row[f"{lang}_{part}"] for part in _PARTS)) for lang in _LANGUAGES)),
            cast(Language, row["language"]),
        )
        for row in _rows("people.csv")
    )


_LANGUAGES = ("ru", "ky", "en")
_PARTS = ("full", "short", "sort")


def _candidates() -> Iterator[Person]:
    yield from written_out()
    yield from _combined()


def _combined() -> Iterator[Person]:
    """Given names and surnames put together, a step of 7 apart so that neighbours differ."""
    given_names, surnames = _rows("given_names.csv"), _rows("surnames.csv")
    for turn in range(len(surnames)):
        for index, given in enumerate(given_names):
            family = surnames[(7 * index + turn) % len(surnames)]
            sex = given["sex"]
            ru, ky, en = (_put_together(given, family, sex, lang) for lang in _LANGUAGES)
            yield Person(Names(ru, ky, en), "ru" if (index + turn) % 3 == 0 else "ky")


def _put_together(given: dict[str, str], family: dict[str, str], sex: str, lang: str) -> Name:
    name, surname = given[lang], family[f"{lang}_{sex}"]
    if lang == "en":
        return Name(f"{name} {surname}", f"{name[0]}. {surname}", f"{surname} {name}")
    return Name(f"{surname} {name}", f"{surname} {name[0]}.", f"{surname} {name}")


def _keys(person: Person) -> set[tuple[str, str]]:
    names = person.name
    by_language = (("ru", names.ru), ("ky", names.ky), ("en", names.en))
    return {(lang, text) for lang, name in by_language for text in (name.full, name.short)}


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
