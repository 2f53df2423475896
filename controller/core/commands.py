"""What somebody wants to happen. The sitting answers with facts or with a refusal."""

from __future__ import annotations

import msgspec

from controller.core.facts import SittingPrepared


class Command(msgspec.Struct, frozen=True, tag_field="name"):
    """Base of all commands."""


# --- from the chair's page or the technician; each arrives inside an Order


class OpenRegistration(Command, frozen=True, tag="open_registration"):
    pass


class CloseRegistration(Command, frozen=True, tag="close_registration"):
    pass


class AnnounceItem(Command, frozen=True, tag="announce_item"):
    item: str


class OpenVote(Command, frozen=True, tag="open_vote"):
    """``duration_ms`` of None takes the agenda item's own time."""

    item: str
    duration_ms: int | None = None


class ExtendVote(Command, frozen=True, tag="extend_vote"):
    vote: str
    by_ms: int


class CloseVote(Command, frozen=True, tag="close_vote"):
    vote: str


class ProclaimResult(Command, frozen=True, tag="proclaim_result"):
    vote: str


class EndSitting(Command, frozen=True, tag="end_sitting"):
    pass


class RevokeTerminal(Command, frozen=True, tag="revoke_terminal"):
    terminal: str


ChairCommand = (
    OpenRegistration
    | CloseRegistration
    | AnnounceItem
    | OpenVote
    | ExtendVote
    | CloseVote
    | ProclaimResult
    | EndSitting
    | RevokeTerminal
)


class Order(Command, frozen=True, tag="order"):
    """A person's command with the id that the person's program made for it (idempotency key)."""

    id: str
    actor: str
    command: ChairCommand


# --- from a seat, already authenticated and in the order in which the seat signed them


class StartTerminal(Command, frozen=True, tag="start_terminal"):
    terminal: str
    firmware: str


class PresentBadge(Command, frozen=True, tag="present_badge"):
    terminal: str
    badge: bytes


class TakeBadgeAway(Command, frozen=True, tag="take_badge_away"):
    terminal: str


class PressAnswer(Command, frozen=True, tag="press_answer"):
    """``answer`` is the pressed answer's name; one outside the ballot is refused, not an error."""

    terminal: str
    badge: bytes
    ballot: bytes
    answer: str


class RequestFloor(Command, frozen=True, tag="request_floor"):
    terminal: str


class WithdrawFloor(Command, frozen=True, tag="withdraw_floor"):
    terminal: str


class ReportTerminal(Command, frozen=True, tag="report_terminal"):
    terminal: str
    code: int
    detail: str


SeatCommand = (
    StartTerminal
    | PresentBadge
    | TakeBadgeAway
    | PressAnswer
    | RequestFloor
    | WithdrawFloor
    | ReportTerminal
)


# --- from the service itself


class StartController(Command, frozen=True, tag="start_controller"):
    software: str


class PrepareSitting(Command, frozen=True, tag="prepare_sitting"):
    plan: SittingPrepared


class EnrolTerminal(Command, frozen=True, tag="enrol_terminal"):
    terminal: str
    public_key: bytes


class LoseSeat(Command, frozen=True, tag="lose_seat"):
    terminal: str


class RestoreSeat(Command, frozen=True, tag="restore_seat"):
    terminal: str


class Tick(Command, frozen=True, tag="tick"):
    """Time passed: an open vote whose deadline is reached is closed."""


ServiceCommand = StartController | PrepareSitting | EnrolTerminal | LoseSeat | RestoreSeat | Tick

AnyCommand = Order | SeatCommand | ServiceCommand


def command_name(command: Command) -> str:
    """The command's stable name for outside programs: its tag."""
    return str(command.__struct_config__.tag)
