"""From the wire's words to the sitting's and back; both sides know nothing of each other."""

from __future__ import annotations

from collections.abc import Sequence

from controller.core import commands
from controller.core.facts import Answer
from protocol import messages

ANSWER_NAMES: dict[int, Answer] = {
    messages.FOR: "for",
    messages.AGAINST: "against",
    messages.ABSTAIN: "abstain",
}
ANSWER_NUMBERS: dict[str, int] = {name: number for number, name in ANSWER_NAMES.items()}
LANGUAGE_NUMBERS: dict[str, int] = {name: n for n, name in enumerate(messages.LANGUAGES)}
PHASE_NUMBERS: dict[str, int] = {name: n for n, name in enumerate(messages.PHASES)}


def command_of(event: messages.Event) -> commands.SeatCommand:
    """What a seat's authentic event asks the sitting for."""
    terminal: str = event.terminal
    body = event.body
    if isinstance(body, messages.Press):
        return commands.PressAnswer(terminal, body.badge, body.ballot, ANSWER_NAMES[body.answer])
    if isinstance(body, messages.BadgePresent):
        return commands.PresentBadge(terminal, body.badge)
    if isinstance(body, messages.BadgeGone):
        return commands.TakeBadgeAway(terminal)
    if isinstance(body, messages.Hello):
        return commands.StartTerminal(terminal, body.firmware)
    if isinstance(body, messages.FloorRequest):
        return commands.RequestFloor(terminal)
    if isinstance(body, messages.FloorWithdraw):
        return commands.WithdrawFloor(terminal)
    if isinstance(body, messages.ServiceReport):
        return commands.ReportTerminal(terminal, body.code, body.detail)
    raise TypeError(f"the wire has an event that the sitting does not know: {event.type}")


def answers_mask(answers: Sequence[str]) -> int:
    """The bits by which a view says which answers a ballot allows."""
    return sum(1 << (ANSWER_NUMBERS[name] - 1) for name in set(answers))
