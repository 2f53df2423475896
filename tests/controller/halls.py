"""Plans and sittings for tests: a hall of N deputies, driven by decide and apply."""

from __future__ import annotations

import hashlib

import msgspec

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import Refused, Repeated
from controller.core.rule_presets import PRESETS
from controller.core.sitting import Sitting, decide


def text(word: str) -> f.Text:
    return f.Text(f"{word} ру", f"{word} кы", f"{word} en")


def names(number: int) -> f.Names:
    def one(language: str) -> f.Name:
        return f.Name(f"Deputy {number} {language}", f"D. {number}", f"{number:04}")

    return f.Names(one("ru"), one("ky"), one("en"))


def badge(number: int) -> bytes:
    return b"\xb0" + number.to_bytes(6, "big")


def deputy(number: int, faction: str | None = None) -> f.Deputy:
    return f.Deputy(f"d{number}", number, names(number), faction, badge(number), "ru")


def rule(
    base: f.Base = "established",
    compare: f.Comparison = "gt",
    numerator: int = 1,
    denominator: int = 2,
    quorum: f.Fraction | None = None,
    id: str = "plain",
) -> f.Rule:
    return f.Rule(
        id,
        text("rule"),
        text("source"),
        f.Fraction(base, compare, numerator, denominator),
        quorum or f.Fraction("established", "gt", 1, 2),
    )


def plan(
    deputies: int = 5, vacant: int = 0, items: int = 3, rules: tuple[f.Rule, ...] = ()
) -> f.SittingPrepared:
    """Deputies d1..dN, seats s1..sN, items i1..iM, all by the first rule."""
    rules = (*rules, *PRESETS)
    factions = (f.Faction("a", text("A"), text("a")), f.Faction("b", text("B"), text("b")))
    return f.SittingPrepared(
        sitting="2026-11",
        hall="h1",
        hall_name=text("hall"),
        title=text("sitting"),
        time_zone="Asia/Bishkek",
        established=deputies + vacant,
        vacant=vacant,
        factions=factions,
        deputies=tuple(deputy(n, ("a", "b", None)[n % 3]) for n in range(1, deputies + 1)),
        seats=tuple(
            f.SeatPlace(f"s{n}", f"{n}", n % 1000, n // 10) for n in range(1, deputies + 1)
        ),
        agenda=tuple(
            f.AgendaItem(f"i{n}", f"{n}", text(f"item {n}"), text(f"q {n}"), rules[0].id, 20_000)
            for n in range(1, items + 1)
        ),
        rules=rules,
    )


class Hall:
    """A sitting with its own ledger in a list and its own clock; what it is told, it applies."""

    def __init__(self, prepared: f.SittingPrepared | None = None, spare_seats: int = 1) -> None:
        self.sitting = Sitting()
        self.entries: list[tuple[f.Fact, int]] = []
        self.now_ms = 1_000
        self.orders = 0
        if prepared is not None:
            self.do(c.StartController("test"))
            self.do(c.PrepareSitting(prepared))
            for n in range(1, len(prepared.deputies) + 1 + spare_seats):
                self.do(c.EnrolTerminal(f"s{n}", hashlib.sha256(b"%d" % n).digest()))

    def ask(self, command: c.AnyCommand) -> tuple[f.Fact, ...] | Refused | Repeated:
        return decide(
            self.sitting,
            command,
            self.now_ms,
            ledger_size=len(self.entries),
            ledger_root=hashlib.sha256(b"%d" % len(self.entries)).digest(),
        )

    def do(self, command: c.AnyCommand) -> tuple[f.Fact, ...] | Refused | Repeated:
        """Decide and apply; every command is one step of the clock."""
        self.now_ms += 1
        answer = self.ask(command)
        if isinstance(answer, tuple):
            for fact in answer:
                self.sitting.apply(fact, self.now_ms, len(self.entries))
                self.entries.append((fact, self.now_ms))
        return answer

    def order(self, command: c.ChairCommand) -> tuple[f.Fact, ...] | Refused | Repeated:
        """The chair's command under a new id; the facts without ``CommandAccepted``."""
        self.orders += 1
        answer = self.do(c.Order(f"order-{self.orders}", "chair", command))
        if isinstance(answer, tuple):
            assert isinstance(answer[0], f.CommandAccepted)
            return answer[1:]
        return answer

    # --- short words for what deputies do

    def arrive(self, *numbers: int) -> None:
        for n in numbers:
            self.do(c.StartTerminal(f"s{n}", "1.0"))
            self.do(c.PresentBadge(f"s{n}", badge(n)))

    def press(
        self, number: int, answer: str = "for", seat: str = "", ballot: bytes = b""
    ) -> tuple[f.Fact, ...]:
        last = self.sitting.last_vote
        named = ballot or (last.opened.ballot if last else bytes(32))
        made = self.do(c.PressAnswer(seat or f"s{number}", badge(number), named, answer))
        assert isinstance(made, tuple)
        return made

    def at_item(self, item: str = "i1", present: int | None = None) -> Hall:
        """Everybody (or the first ``present``) came and registered; the item is before the hall."""
        count = len(self.sitting.roster.deputies) if present is None else present
        self.arrive(*range(1, count + 1))
        self.order(c.OpenRegistration())
        self.order(c.CloseRegistration())
        self.order(c.AnnounceItem(item))
        return self

    def voting(self, item: str = "i1", present: int | None = None) -> Hall:
        self.at_item(item, present)
        made = self.order(c.OpenVote(item))
        assert isinstance(made, tuple), made
        return self

    def replayed(self) -> Sitting:
        """A new sitting made from the facts alone, each through its own JSON text."""
        again = Sitting()
        for position, (fact, at_ms) in enumerate(self.entries):
            copy = msgspec.json.decode(msgspec.json.encode(fact), type=f.AnyFact)
            again.apply(copy, at_ms, position)
        return again
