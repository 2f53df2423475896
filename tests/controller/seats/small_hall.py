"""A sitting with a few deputies and the writer's loop in small: decide, apply, tell the views."""

from __future__ import annotations

from typing import Any

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import Refused
from controller.core.rule_presets import KR_SESSION
from controller.core.sitting import Sitting, decide
from controller.seats.counts import RefusalCounts
from controller.seats.intake import Admitted, Intake, OpenedEvent, Repeat, WireRefusal
from controller.seats.views import SeatViews
from protocol import messages, sealed
from tests.controller.seats.seat_signer import HALL, SeatSigner, hello


def text(words: str) -> f.Text:
    return f.Text(ru=words, ky=words, en=words)


def plan(deputies: int, *, name: str = "Асанова А.", title: str = "Бюджет") -> f.SittingPrepared:
    """Deputies d1.. with badges of 4 equal bytes, seats s1.., one item i1 by majority."""
    person = f.Name(full=name, short=name, sort=name)
    people = tuple(
        f.Deputy(
            id=f"d{n}",
            number=n,
            name=f.Names(person, person, person),
            faction=None,
            badge=badge(n),
            language=("ru", "ky", "en")[n % 3],  # type: ignore[arg-type] - one of the three
        )
        for n in range(1, deputies + 1)
    )
    seats = tuple(f.SeatPlace(f"s{n}", str(n), n % 1_000, 500) for n in range(1, deputies + 1))
    item = f.AgendaItem("i1", "1", text(title), text("Принять бюджет?"), KR_SESSION.id, 60_000)
    return f.SittingPrepared(
        sitting="first",
        hall=HALL,
        hall_name=text("Зал"),
        title=text("Заседание"),
        time_zone="Asia/Bishkek",
        established=deputies,
        vacant=0,
        factions=(),
        deputies=people,
        seats=seats,
        agenda=(item,),
        rules=(KR_SESSION,),
    )


def badge(number: int) -> bytes:
    return number.to_bytes(4, "big")


class Mute:
    def warning(self, event: str, **fields: object) -> None:
        pass


class SmallHall:
    """Everything between a seat's bytes and its view, without broker, ledger file and threads."""

    def __init__(self, deputies: int, **texts: str) -> None:
        self.sitting = Sitting()
        self.now_ms = 1_000
        self.seats = {f"s{n}": SeatSigner(f"s{n}") for n in range(1, deputies + 1)}
        keys = {one.terminal: one.keys for one in self.seats.values()}
        self.counts = RefusalCounts(Mute(), lambda: self.now_ms)
        self.intake = Intake(HALL, keys, self.counts)
        self.views = SeatViews(HALL, keys, epoch=1)
        self.order_number = 0
        self.command(c.StartController("test"))
        self.command(c.PrepareSitting(plan(deputies, **texts)))
        for seat in self.seats.values():
            self.command(c.EnrolTerminal(seat.terminal, seat.public_key))

    def command(self, command: Any) -> tuple[f.Fact, ...]:
        """Decide and apply, as the writer does with the ledger in between."""
        facts = decide(self.sitting, command, self.now_ms, ledger_size=0, ledger_root=bytes(32))
        assert isinstance(facts, tuple), facts
        for fact in facts:
            self.sitting.apply(fact, self.now_ms, self.sitting.ledger_size)
        self.views.touched(self.sitting, facts)
        return facts

    def order(self, command: c.ChairCommand) -> tuple[f.Fact, ...]:
        self.order_number += 1
        return self.command(c.Order(str(self.order_number), "chair", command))

    def send(self, terminal: str, data: bytes) -> Any:
        """What the seat's bytes lead to: facts, Repeat or WireRefusal."""
        opened = self.intake.open_event(self.seats[terminal].up, data, self.now_ms)
        assert isinstance(opened, OpenedEvent | WireRefusal)
        if isinstance(opened, WireRefusal):
            return opened
        answer = self.intake.admit(opened, self.now_ms)
        if isinstance(answer, Admitted):
            facts = self.command(answer.command)
            self.views.admitted(answer, facts)
            return facts
        if isinstance(answer, Repeat):
            self.views.request(terminal)
        else:
            self.views.refused(answer)
        return answer

    def say(self, terminal: str, body: Any) -> Any:
        """The seat's next event, sent."""
        return self.send(terminal, self.seats[terminal].next_event(body))

    def due(self) -> dict[str, messages.View]:
        """The views that go out now, opened as the seat opens them."""
        opened = {}
        for terminal, data in self.views.due(self.sitting, self.now_ms, 1_700_000_000_000):
            seat = self.seats[terminal]
            assert len(data) <= 512
            opened[terminal] = sealed.open_view(data, seat.mac_key, seat.down)
        return opened

    def take_seats(self) -> None:
        """Every seat says hello and every deputy presents the badge at the seat of the number."""
        for number, terminal in enumerate(self.seats, start=1):
            self.say(terminal, hello())
            self.say(terminal, messages.BadgePresent(badge(number)))

    def open_vote(self) -> bytes:
        """Registration, item, vote: the ballot's hash."""
        self.order(c.OpenRegistration())
        self.order(c.CloseRegistration())
        self.order(c.AnnounceItem("i1"))
        facts = self.order(c.OpenVote("i1"))
        (opened,) = [one for one in facts if isinstance(one, f.VoteOpened)]
        return opened.ballot


__all__ = ["Refused", "SmallHall", "badge", "plan"]
