"""All transitions of a sitting in one place: which command and which fact may come in which phase.

Whatever depends on the phase is decided by these two tables and nowhere else. A command that is
*considered* in a phase may still be refused for its contents (``chair``, ``seat_events``); a fact
outside its row is impossible and stops the sitting.

``registration`` lasts from the opening of the registration until the first item is announced;
whether deputies are still asked to register is ``Sitting.registration_open``.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import RefusalReason as R  # noqa: N817 - a column of the table

Phase = Literal[
    "none", "prepared", "registration", "item", "voting", "closed", "proclaimed", "ended"
]
PHASES: Final[tuple[Phase, ...]] = get_args(Phase)

CONSIDERED: Final = "considered"
Verdict = Literal["considered"] | R


def _row(
    none: Verdict,
    prepared: Verdict,
    registration: Verdict,
    item: Verdict,
    voting: Verdict,
    closed: Verdict,
    proclaimed: Verdict,
    ended: Verdict,
) -> dict[Phase, Verdict]:
    verdicts = (none, prepared, registration, item, voting, closed, proclaimed, ended)
    return dict(zip(PHASES, verdicts, strict=True))


def _always() -> dict[Phase, Verdict]:
    return dict.fromkeys(PHASES, CONSIDERED)


_Y: Final = CONSIDERED
_W: Final = R.WRONG_STATE
_N: Final = R.NO_SITTING
_O: Final = R.NO_VOTE_OPEN
_C: Final = R.VOTE_CLOSED
_P: Final = R.SITTING_ALREADY_PREPARED

# fmt: off
COMMANDS: Final[dict[type[c.Command], dict[Phase, Verdict]]] = {
    #                            none prepared registration item voting closed proclaimed ended
    c.PrepareSitting:       _row(_Y,  _P,      _P,          _P,  _P,    _P,    _P,        _P),
    c.OpenRegistration:     _row(_N,  _Y,      _W,          _W,  _W,    _W,    _W,        _W),
    c.CloseRegistration:    _row(_N,  _W,      _Y,          _W,  _W,    _W,    _W,        _W),
    c.AnnounceItem:         _row(_N,  _W,      _Y,          _Y,  _W,    _W,    _Y,        _W),
    c.OpenVote:             _row(_N,  _W,      _W,          _Y,  _W,    _W,    _Y,        _W),
    c.ExtendVote:           _row(_N,  _O,      _O,          _O,  _Y,    _C,    _O,        _O),
    c.CloseVote:            _row(_N,  _O,      _O,          _O,  _Y,    _C,    _O,        _O),
    c.ProclaimResult:       _row(_N,  _W,      _W,          _W,  _W,    _Y,    _W,        _W),
    c.EndSitting:           _row(_N,  _Y,      _Y,          _Y,  _W,    _W,    _Y,        _W),
    c.RevokeTerminal:       _always(),
    c.EnrolTerminal:        _always(),
    c.StartController:      _always(),
    c.LoseSeat:             _always(),
    c.RestoreSeat:          _always(),
    c.Tick:                 _always(),
    # a seat's event is considered in every phase: refused or not it is written, its chain goes on
    c.StartTerminal:        _always(),
    c.PresentBadge:         _always(),
    c.TakeBadgeAway:        _always(),
    c.PressAnswer:          _always(),
    c.RequestFloor:         _always(),
    c.WithdrawFloor:        _always(),
    c.ReportTerminal:       _always(),
}
# fmt: on


class Happens:
    """In which phases a fact can happen, and to which phase it leads (None: the phase stays)."""

    def __init__(self, *phases: Phase, to: Phase | None = None) -> None:
        self.phases: Final = frozenset(phases or PHASES)
        self.to: Final = to


_WITH_ITEM: Final[tuple[Phase, ...]] = ("item", "voting", "closed", "proclaimed")
_PLANNED: Final[tuple[Phase, ...]] = PHASES[1:]

FACTS: Final[dict[type[f.Fact], Happens]] = {
    f.ControllerStarted: Happens(),
    f.CommandAccepted: Happens(),
    f.EventRefused: Happens(),
    f.TerminalEnrolled: Happens(),
    f.TerminalRevoked: Happens(),
    f.TerminalStarted: Happens(),
    f.TerminalReported: Happens(),
    f.SeatLost: Happens(),
    f.SeatRestored: Happens(),
    f.BadgeSeated: Happens(*_PLANNED),
    f.BadgeLeft: Happens(*_PLANNED),
    f.SittingPrepared: Happens("none", to="prepared"),
    f.RegistrationOpened: Happens("prepared", to="registration"),
    f.RegistrationClosed: Happens("registration"),
    f.DeputyRegistered: Happens("registration", *_WITH_ITEM),
    f.ItemAnnounced: Happens("registration", "item", "proclaimed", to="item"),
    f.VoteOpened: Happens("item", "proclaimed", to="voting"),
    f.BallotCast: Happens("voting"),
    f.VoteExtended: Happens("voting"),
    f.VoteClosed: Happens("voting", to="closed"),
    f.ResultProclaimed: Happens("closed", to="proclaimed"),
    f.FloorRequested: Happens(*_WITH_ITEM),
    f.FloorWithdrawn: Happens(*_WITH_ITEM),
    f.SittingEnded: Happens("prepared", "registration", "item", "proclaimed", to="ended"),
}

# deputies can ask for the floor whenever an item is before the hall
FLOOR_OPEN: Final = frozenset(_WITH_ITEM)
# a deputy who becomes present in one of these phases is registered at once
REGISTERING: Final = FACTS[f.DeputyRegistered].phases
