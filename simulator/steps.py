"""The steps of a scenario as data: what each verb needs and what would make it senseless.

Every step may begin with ``pause_s``, seconds of the scenario clock that pass before it. The next
step begins when the one before it is done, or at once where that one happens ``meanwhile``.
``who`` names groups; ``within_s`` spreads the people of a step evenly and in random order over so
many seconds. ``timeout_s`` bounds every waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

Answer = Literal["for", "against", "abstain"]
SECONDS_MAX = 600.0


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="do"):
    pause_s: float = 0.0
    meanwhile: bool = False


class Arrive(_Step, frozen=True, tag="arrive", kw_only=True):
    """Badges go into the seats."""

    who: tuple[str, ...]
    within_s: float = 1.0


class Leave(_Step, frozen=True, tag="leave", kw_only=True):
    """Badges are taken away."""

    who: tuple[str, ...]
    within_s: float = 1.0


class Press(_Step, frozen=True, tag="press", kw_only=True):
    """Every deputy of ``who`` presses one button. Without ``answer`` each chooses by chance."""

    who: tuple[str, ...]
    answer: Answer | None = None
    within_s: float = 1.0


class PressAroundClose(_Step, frozen=True, tag="press_around_close", kw_only=True):
    """Presses spread from ``before_s`` before the open vote's deadline to ``after_s`` after it."""

    who: tuple[str, ...]
    answer: Answer
    before_s: float = 1.0
    after_s: float = 1.0


class AskFloor(_Step, frozen=True, tag="ask_floor", kw_only=True):
    """The floor button is pressed: a request, or its withdrawal when there is one."""

    who: tuple[str, ...]
    within_s: float = 1.0


class Order(_Step, frozen=True, tag="order", kw_only=True):
    """The chair gives an order. ``refused`` is the expected reason; without it it must be accepted.

    ``item`` is the agenda item's id; orders about a vote mean the newest one.
    """

    name: Literal[
        "open_registration",
        "close_registration",
        "announce_item",
        "open_vote",
        "extend_vote",
        "close_vote",
        "proclaim_result",
        "end_sitting",
        "revoke_terminal",
    ]
    item: str | None = None
    duration_s: float | None = None
    by_s: float | None = None
    who: tuple[str, ...] = ()  # whose terminal is revoked
    refused: str | None = None


class ExpectLamps(_Step, frozen=True, tag="expect_lamps", kw_only=True):
    """The answer lamp of every seat of ``who`` becomes steady; without ``answer`` the pressed one.

    ``dark``: no answer lamp is lit instead.
    """

    who: tuple[str, ...]
    answer: Answer | None = None
    dark: bool = False
    timeout_s: float = 20.0


class ExpectInvited(_Step, frozen=True, tag="expect_invited", kw_only=True):
    """The seats of ``who`` ask for a vote: their status lamps blink."""

    who: tuple[str, ...]
    timeout_s: float = 20.0


class ExpectBoard(_Step, frozen=True, tag="expect_board", kw_only=True):
    """The hall's board shows all of this. Groups stand for the number of their deputies."""

    phase: str | None = None
    quorum: bool | None = None
    present: tuple[str, ...] | None = None
    registered: tuple[str, ...] | None = None
    no_connection: tuple[str, ...] | None = None
    voted: tuple[str, ...] | None = None
    timeout_s: float = 30.0


class ExpectResult(_Step, frozen=True, tag="expect_result", kw_only=True):
    """The newest vote is closed with exactly these deputies in these columns; each may be empty."""

    votes_for: tuple[str, ...] = ()
    votes_against: tuple[str, ...] = ()
    votes_abstain: tuple[str, ...] = ()
    not_voted: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    adopted: bool | None = None
    timeout_s: float = 60.0


class ExpectRefusedEvents(_Step, frozen=True, tag="expect_refused_events", kw_only=True):
    """In the ledger, at the end, events of these seats are refused for this reason."""

    who: tuple[str, ...]
    reason: str
    at_least: int = 1


class CutPower(_Step, frozen=True, tag="cut_power", kw_only=True):
    """The seats lose their supply at this instant."""

    who: tuple[str, ...]


class RestorePower(_Step, frozen=True, tag="restore_power", kw_only=True):
    """The seats get their supply back; badges stayed in the readers."""

    who: tuple[str, ...]


class FreezeSeats(_Step, frozen=True, tag="freeze_seats", kw_only=True):
    """The seats' processors stand still for ``for_s`` seconds, then go on."""

    who: tuple[str, ...]
    for_s: float


class KillController(_Step, frozen=True, tag="kill_controller", kw_only=True):
    """SIGKILL at this instant; ``start_controller`` starts it again."""


class StartController(_Step, frozen=True, tag="start_controller", kw_only=True):
    """The controller is started over the same data and waited for."""

    timeout_s: float = 30.0


class KillBroker(_Step, frozen=True, tag="kill_broker", kw_only=True):
    """SIGKILL to the broker; the controller has to start it again."""


class FreezeBroker(_Step, frozen=True, tag="freeze_broker", kw_only=True):
    """The broker stands still for ``for_s`` seconds, then goes on."""

    for_s: float


class MeasureIdle(_Step, frozen=True, tag="measure_idle", kw_only=True):
    """Nothing happens for ``for_s`` seconds; the report tells what the hall cost meanwhile."""

    for_s: float


Step = (
    Arrive
    | Leave
    | Press
    | PressAroundClose
    | AskFloor
    | Order
    | ExpectLamps
    | ExpectInvited
    | ExpectBoard
    | ExpectResult
    | ExpectRefusedEvents
    | CutPower
    | RestorePower
    | FreezeSeats
    | KillController
    | StartController
    | KillBroker
    | FreezeBroker
    | MeasureIdle
)

_GROUP_KEYS = ("who", "present", "registered", "no_connection", "voted") + (
    "votes_for",
    "votes_against",
    "votes_abstain",
    "not_voted",
    "absent",
)
_NEEDS_ITEM = ("announce_item", "open_vote")


def verb_of(step: Step) -> str:
    """The step's word in the file."""
    return str(type(step).__struct_config__.tag)


def groups_of(step: Step) -> dict[str, tuple[str, ...]]:
    """The names of groups that the step uses, by key."""
    found: dict[str, tuple[str, ...]] = {}
    for key in _GROUP_KEYS:
        names = getattr(step, key, None)
        if names is not None:
            found[key] = names
    return found


def faults_of(step: Step) -> Iterator[tuple[str, str]]:
    """Key and fault of everything in the step that could not be played."""
    for key, value in _seconds_of(step):
        if not 0 <= value <= SECONDS_MAX:
            yield key, f"{value} seconds are not within 0 to {SECONDS_MAX:g}"
    if isinstance(step, Order):
        yield from _faults_of_order(step)
    elif not isinstance(step, ExpectResult | ExpectBoard) and getattr(step, "who", True) == ():
        yield "who", "at least one group is needed"


def _faults_of_order(step: Order) -> Iterator[tuple[str, str]]:
    if (step.item is not None) != (step.name in _NEEDS_ITEM):
        yield "item", f"is needed by {' and '.join(_NEEDS_ITEM)}, and by no other order"
    if step.duration_s is not None and step.name != "open_vote":
        yield "duration_s", "belongs to open_vote"
    if (step.by_s is not None) != (step.name == "extend_vote"):
        yield "by_s", "is needed by extend_vote, and by no other order"
    if bool(step.who) != (step.name == "revoke_terminal"):
        yield "who", "is needed by revoke_terminal, and by no other order"


def _seconds_of(step: Step) -> Iterator[tuple[str, float]]:
    fields: dict[str, Any] = msgspec.structs.asdict(step)
    for key, value in fields.items():
        if key.endswith("_s") and value is not None:
            yield key, float(value)
