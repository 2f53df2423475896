"""The three languages: every text in each, the same placeholders, the right letters and forms."""

from __future__ import annotations

import re
import typing
from datetime import datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import controller.locale
from controller.core.commands import ChairCommand
from controller.core.refusals import RefusalReason
from controller.locale import LANGUAGES, Catalogs, clock_text, date_text, sort_key
from controller.web.pages import STATIC_FOLDER
from controller.web.problems import all_error_names
from tests.controller.web.fake_hall import STATES, FakeHall

_FOLDER = Path(controller.locale.__file__).parent
_ROOT = _FOLDER.parents[1]
_PLURAL_FORMS = {"ru": 3, "ky": 2, "en": 2}


def catalog(language: str) -> Catalog:
    with (_FOLDER / language / "LC_MESSAGES" / "dobush.po").open("rb") as file:
        return read_po(file, locale=language)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def texts(message_string: object) -> tuple[str, ...]:
    return (message_string,) if isinstance(message_string, str) else tuple(message_string)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_doubtful_or_left_over(language: str) -> None:
    russian = {message.id for message in catalog("ru")}
    made = catalog(language)
    assert {message.id for message in made} == russian
    assert not made.obsolete
    for message in made:
        if message.id:
            assert not message.fuzzy, message.id
            assert all(text.strip() for text in texts(message.string)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_placeholders_of_the_russian_one(language: str) -> None:
    russian = {message.id: message.string for message in catalog("ru")}
    for message in catalog(language):
        expected = {name for text in texts(russian[message.id]) for name in placeholders(text)}
        for text in texts(message.string):
            assert placeholders(text) == expected or not message.id, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_own_number_of_plural_forms(language: str) -> None:
    made = catalog(language)
    assert made.num_plurals == _PLURAL_FORMS[language]
    plural = [message for message in made if message.pluralizable]
    assert plural
    for message in plural:
        assert len(texts(message.string)) == _PLURAL_FORMS[language]


def test_kyrgyz_counts_with_n_is_not_one_and_russian_with_three_forms() -> None:
    words = Catalogs()
    said = {n: words.counted("ru", "error.try_again_in", n) for n in (1, 3, 5, 11, 21)}
    assert [text.split()[-1] for text in said.values()] == [
        "секунду.",
        "секунды.",
        "секунд.",
        "секунд.",
        "секунду.",
    ]
    assert catalog("ky").plural_expr == "(n != 1)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_and_every_error_has_a_sentence(language: str) -> None:
    words = Catalogs()
    for name in {*all_error_names(), *(reason.value for reason in RefusalReason)}:
        assert words.has(language, f"error.{name}"), name


@pytest.mark.parametrize("state", STATES)
def test_every_step_of_the_chair_has_its_words_and_its_values(state: str) -> None:
    words = Catalogs()
    steps = FakeHall(7).go(state).steps()
    for step in [steps["primary"], *steps["others"]]:
        if step is None:
            continue
        for key in (step["key"], step["shows"]):
            for language in LANGUAGES:
                assert words.has(language, key), key
                if step["allowed"]:
                    assert placeholders(words.text(language, key)) <= set(step["values"]), key


def test_every_command_and_phase_has_its_reason() -> None:
    words = Catalogs()
    for phase in ("none", "prepared", "registration", "registered", "voting", "closed", "ended"):
        assert words.has("ru", f"why.phase.{phase}")
    asked = {command.__struct_config__.tag for command in typing.get_args(ChairCommand)}
    for name in asked - {"extend_vote", "close_vote", "revoke_terminal"}:
        assert words.has("ru", f"why.{name}"), name


def test_every_text_that_a_page_asks_for_by_name_exists() -> None:
    words = Catalogs()
    files = [
        *STATIC_FOLDER.glob("js/*.js"),
        *(STATIC_FOLDER.parent / "templates").glob("*.html"),
        *(_ROOT / "simulator" / "virtual_hall").rglob("*.js"),
        *(_ROOT / "simulator" / "virtual_hall").rglob("*.html"),
    ]
    asked = {
        key
        for file in files
        for key in re.findall(r"""\bt\(\s*["']([a-z_.]+)["']""", file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 60
    assert {key for key in asked if not words.has("ru", key)} == set()


def test_kyrgyz_letters_stand_in_their_places() -> None:
    names = ["Үсөнов", "Озгонов", "Өмүралиев", "Нурланов", "Усенов", "Ңазаров", "Орозов"]
    ordered = sorted(names, key=lambda name: sort_key(name, "ky"))
    assert ordered == [
        "Нурланов",
        "Ңазаров",
        "Озгонов",
        "Орозов",
        "Өмүралиев",
        "Усенов",
        "Үсөнов",
    ]


def test_russian_yo_stands_after_ye_and_case_does_not_decide() -> None:
    names = ["Жукова", "ёлкин", "Ершов", "Елкин"]
    assert sorted(names, key=lambda name: sort_key(name, "ru")) == [
        "Елкин",
        "Ершов",
        "ёлкин",
        "Жукова",
    ]


def test_a_shorter_family_name_comes_first() -> None:
    assert sort_key("Асан уулу Б.", "ky") < sort_key("Асанов А.", "ky")


def test_dates_are_written_as_each_language_writes_them() -> None:
    day = datetime.fromisoformat("2024-11-27T09:05:00+06:00")
    assert [date_text(day, language) for language in LANGUAGES] == [
        "27 ноября 2024 г.",
        "2024-жылдын 27-ноябры",
        "27 November 2024",
    ]
    assert clock_text(day) == "09:05"


def test_an_unknown_key_is_shown_as_itself() -> None:
    assert Catalogs().text("ky", "no.such.key") == "no.such.key"
