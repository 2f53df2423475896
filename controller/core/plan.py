"""Whether the plan of a sitting can be held: every fault, with the field that it is in.

The plan is written by people (roster, seats, agenda, rules); it is checked whole before the sitting
begins, so that nothing inside the sitting needs to doubt it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import Final

from controller.core import limits
from controller.core.facts import Fraction, Names, SittingPrepared, Text

IDENTIFIER: Final = re.compile(rf"[a-z0-9-]{{1,{limits.IDENTIFIER_CHARACTERS_MAX}}}", re.ASCII)
_TIME_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", re.ASCII)
_NO_BREAK_SPACES: Final = str.maketrans("\u00a0\u202f", "  ")


def is_identifier(text: str) -> bool:
    """Lower-case Latin letters, digits and hyphens, 1 to 16 of them."""
    return IDENTIFIER.fullmatch(text) is not None


def faults(plan: SittingPrepared) -> Iterator[str]:
    """Every fault as ``field: what is wrong``, in the plan's order; nothing for a good plan."""
    yield from _head(plan)
    yield from _factions(plan)
    yield from _deputies(plan)
    yield from _seats(plan)
    yield from _rules(plan)
    yield from _agenda(plan)


def _head(plan: SittingPrepared) -> Iterator[str]:
    yield from _identifiers([("sitting", plan.sitting)])
    yield from _identifiers([("hall", plan.hall)])
    yield from _text("hall_name", plan.hall_name, limits.TITLE_CHARACTERS_MAX)
    yield from _text("title", plan.title, limits.TITLE_CHARACTERS_MAX)
    zone = plan.time_zone
    if len(zone) > limits.TIME_ZONE_CHARACTERS_MAX or not _TIME_ZONE.fullmatch(zone):
        yield f"time_zone: {zone!r} is not the name of a time zone such as Asia/Bishkek"
    yield from _range("established", plan.established, 1, limits.ESTABLISHED_MAX)
    yield from _range("vacant", plan.vacant, 0, plan.established)
    if plan.established != len(plan.deputies) + plan.vacant:
        yield (
            f"established: {plan.established} is not {len(plan.deputies)} deputies"
            f" and {plan.vacant} vacant seats"
        )


def _factions(plan: SittingPrepared) -> Iterator[str]:
    yield from _range("factions", len(plan.factions), 0, limits.FACTIONS_MAX)
    rows = [(f"factions[{i}]", one) for i, one in enumerate(plan.factions)]
    yield from _identifiers([(f"{at}.id", one.id) for at, one in rows])
    for at, one in rows:
        yield from _text(f"{at}.name", one.name, limits.NAME_CHARACTERS_MAX)
        yield from _text(f"{at}.short", one.short, limits.NAME_CHARACTERS_MAX)


def _deputies(plan: SittingPrepared) -> Iterator[str]:
    yield from _range("deputies", len(plan.deputies), 1, limits.DEPUTIES_MAX)
    rows = [(f"deputies[{i}]", one) for i, one in enumerate(plan.deputies)]
    yield from _identifiers([(f"{at}.id", one.id) for at, one in rows])
    yield from _twice([(f"{at}.number", one.number) for at, one in rows])
    yield from _twice([(f"{at}.badge", one.badge) for at, one in rows], secret=True)
    known = {one.id for one in plan.factions}
    for at, one in rows:
        yield from _range(f"{at}.number", one.number, 1, limits.DEPUTY_NUMBER_MAX)
        if not limits.BADGE_BYTES_MIN <= len(one.badge) <= limits.BADGE_BYTES_MAX:
            yield (
                f"{at}.badge: {len(one.badge)} bytes, a badge has"
                f" {limits.BADGE_BYTES_MIN} to {limits.BADGE_BYTES_MAX}"
            )
        if one.faction is not None and one.faction not in known:
            yield f"{at}.faction: {one.faction!r} is not among the factions"
        yield from _names(f"{at}.name", one.name)


def _seats(plan: SittingPrepared) -> Iterator[str]:
    yield from _range("seats", len(plan.seats), 1, limits.SEATS_MAX)
    rows = [(f"seats[{i}]", one) for i, one in enumerate(plan.seats)]
    yield from _identifiers([(f"{at}.terminal", one.terminal) for at, one in rows])
    for at, one in rows:
        yield from _line(f"{at}.label", one.label, limits.LABEL_CHARACTERS_MAX)
        yield from _range(f"{at}.x", one.x, 0, limits.COORDINATE_MAX)
        yield from _range(f"{at}.y", one.y, 0, limits.COORDINATE_MAX)


def _rules(plan: SittingPrepared) -> Iterator[str]:
    yield from _range("rules", len(plan.rules), 1, limits.RULES_MAX)
    rows = [(f"rules[{i}]", one) for i, one in enumerate(plan.rules)]
    yield from _identifiers([(f"{at}.id", one.id) for at, one in rows])
    for at, one in rows:
        yield from _text(f"{at}.name", one.name, limits.TITLE_CHARACTERS_MAX)
        yield from _text(f"{at}.source", one.source, limits.QUESTION_CHARACTERS_MAX)
        yield from _fraction(f"{at}.passes", one.passes)
        yield from _fraction(f"{at}.quorum", one.quorum)
        if one.quorum.base not in ("established", "elected"):
            yield f"{at}.quorum.base: a quorum is of the established or the elected number"


def _agenda(plan: SittingPrepared) -> Iterator[str]:
    yield from _range("agenda", len(plan.agenda), 1, limits.AGENDA_ITEMS_MAX)
    rows = [(f"agenda[{i}]", one) for i, one in enumerate(plan.agenda)]
    yield from _identifiers([(f"{at}.id", one.id) for at, one in rows])
    yield from _twice([(f"{at}.number", one.number) for at, one in rows])
    known = {one.id for one in plan.rules}
    for at, one in rows:
        yield from _line(f"{at}.number", one.number, limits.LABEL_CHARACTERS_MAX)
        yield from _text(f"{at}.title", one.title, limits.TITLE_CHARACTERS_MAX)
        yield from _text(f"{at}.question", one.question, limits.QUESTION_CHARACTERS_MAX)
        if one.rule not in known:
            yield f"{at}.rule: {one.rule!r} is not among the rules"
        yield from _range(
            f"{at}.duration_ms",
            one.duration_ms,
            limits.VOTE_DURATION_MS_MIN,
            limits.VOTE_DURATION_MS_MAX,
        )


def _fraction(at: str, fraction: Fraction) -> Iterator[str]:
    top, bottom = fraction.numerator, fraction.denominator
    yield from _range(f"{at}.denominator", bottom, 1, limits.FRACTION_DENOMINATOR_MAX)
    yield from _range(f"{at}.numerator", top, 1, bottom)
    if fraction.compare == "gt" and top == bottom:
        yield f"{at}: more than {top}/{bottom} can never be reached"


def _names(at: str, names: Names) -> Iterator[str]:
    for language, name in (("ru", names.ru), ("ky", names.ky), ("en", names.en)):
        for part, text in (("full", name.full), ("short", name.short), ("sort", name.sort)):
            yield from _line(f"{at}.{language}.{part}", text, limits.NAME_CHARACTERS_MAX)


def _text(at: str, text: Text, characters_max: int) -> Iterator[str]:
    for language, line in (("ru", text.ru), ("ky", text.ky), ("en", text.en)):
        yield from _line(f"{at}.{language}", line, characters_max)


def _line(at: str, line: str, characters_max: int) -> Iterator[str]:
    if not line.strip():
        yield f"{at}: is empty"
    elif len(line) > characters_max:
        yield f"{at}: {len(line)} characters, at most {characters_max} fit"
    elif not line.translate(_NO_BREAK_SPACES).isprintable():
        yield f"{at}: has a character that cannot be shown"


def _range(at: str, value: int, least: int, most: int) -> Iterator[str]:
    if not least <= value <= most:
        yield f"{at}: {value} is not within {least} to {most}"


def _identifiers(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    rows = list(rows)
    for at, text in rows:
        if not is_identifier(text):
            yield f"{at}: {text!r} is not an identifier ([a-z0-9-], 1 to 16 characters)"
    yield from _twice(rows)


def _twice(rows: Iterable[tuple[str, Hashable]], *, secret: bool = False) -> Iterator[str]:
    first: dict[Hashable, str] = {}
    for at, value in rows:
        before = first.setdefault(value, at)
        if before != at:
            shown = "is" if secret else f"{value!r} is"
            yield f"{at}: {shown} already used by {before}"
