"""A hall of three deputies written down by hand, honest until a test makes it lie.

It builds what a controller would export, with keys of its own, so that a test can lie in two ways:
as a controller that signs its lie (change ``facts`` before ``export``), or as somebody who damages
the file afterwards.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.auditor.observed import LampWrite, Observed, Press, Shown, Window

ORIGIN = "dobush/demo/one"
CODES = {"for": 1, "against": 2, "abstain": 3}
DEPUTIES = {"d1": b"\x04one", "d2": b"\x04two", "d3": b"\x04three"}
SEATS = {"d1": "s1", "d2": "s2", "d3": "s3"}
HALF = {"base": "established", "compare": "gt", "numerator": 1, "denominator": 2}
Fact = dict[str, Any]


class Seat:
    """A terminal that signs a chain of events."""

    def __init__(self, terminal: str) -> None:
        self.terminal = terminal
        self.key = Ed25519PrivateKey.from_private_bytes(sha256(terminal.encode()).digest())
        self.sequence, self.previous = -1, bytes(32)

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def sign(self, kind: int, body: list[Any]) -> bytes:
        self.sequence += 1
        event = [1, kind, self.terminal, 1, self.sequence, self.previous, 0, body]
        payload, protected = cbor2.dumps(event), b"\xa1\x01\x27"
        topic = f"hall/demo/seat/{self.terminal}/up".encode()
        signature = self.key.sign(cbor2.dumps(["Signature1", protected, topic, payload]))
        message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
        self.previous = sha256(message).digest()
        return message


class SmallHall:
    """Everything up to a proclaimed vote: d1 for, d2 against then for, d3 did not vote."""

    def __init__(self) -> None:
        self.log_key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.seats = {seat: Seat(seat) for seat in SEATS.values()}
        self.facts: list[tuple[Fact, bytes | None]] = []
        self.at_ms: Callable[[int], int] = lambda at: at * 10
        self.kinds: dict[int, str] = {}  # of entries that call themselves otherwise than their fact
        self.covered: int | None = None  # what the checkpoint covers; None: everything
        self.lie_about_root = False
        self.observed = Observed(
            self.log_key.public_key().public_bytes_raw(),
            {name: seat.public_key for name, seat in self.seats.items()},
        )
        self._prepare()
        self._vote()

    def add(self, kind: str, evidence: bytes | None = None, **fields: Any) -> None:
        self.facts.append(({"kind": kind, **fields}, evidence))

    def find(self, kind: str, number: int = 0) -> int:
        """The position of the numbered fact of this kind."""
        return [at for at, (fact, _) in enumerate(self.facts) if fact["kind"] == kind][number]

    def press(self, deputy: str, answer: str, at: float, confirmed: bool = True) -> bytes:
        """A finger, and the lamp that blinks and then is steady; gives the signed message."""
        terminal, badge = SEATS[deputy], DEPUTIES[deputy]
        self.observed.presses.append(Press(at, terminal, badge, answer))
        for lamp in CODES:
            if lamp != answer:
                self.observed.lamps.append(LampWrite(at, terminal, lamp, False, badge))
        blinks = [(0.0, True), (0.125, False), (0.25, True)]
        lit = blinks + ([(0.3, True)] if confirmed else [(0.375, False)])
        for after, level in lit:
            self.observed.lamps.append(LampWrite(at + after, terminal, answer, level, badge))
        return self.seats[terminal].sign(4, [self.ballot, CODES[answer], badge])

    def leaves(self) -> list[bytes]:
        return [
            cbor2.dumps(
                [
                    at,
                    self.kinds.get(at, fact["kind"]),
                    self.at_ms(at),
                    0,
                    cbor2.dumps(fact, canonical=True),
                    evidence,
                ],
                canonical=True,
            )
            for at, (fact, evidence) in enumerate(self.facts)
        ]

    def note(self, leaves: list[bytes]) -> str:
        text = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
        public = self.log_key.public_key().public_bytes_raw()
        name = sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]
        signature = base64.b64encode(name + self.log_key.sign(text.encode())).decode()
        return f"{text}\n— {ORIGIN} {signature}\n"

    def export(self) -> tuple[bytes, str]:
        """The export and its newest checkpoint, signed over whatever the facts say now."""
        self._name_root()
        leaves = self.leaves()
        note = self.note(leaves[: self.covered])
        header = {
            "format": "dobush-ledger-1",
            "origin": ORIGIN,
            "log_key": self.log_key.public_key().public_bytes_raw(),
            "entries": len(leaves),
            "checkpoints": 1,
        }
        return cbor2.dumps(header) + b"".join(leaves) + cbor2.dumps(note), note

    def _prepare(self) -> None:
        self.add("controller_started", epoch=1, software="test")
        self.add(
            "sitting_prepared",
            hall="demo",
            sitting="one",
            established=3,
            vacant=0,
            deputies=[{"id": name, "badge": badge} for name, badge in DEPUTIES.items()],
            rules=[{"id": "half", "passes": HALF}],
        )
        for name, seat in self.seats.items():
            self.add("terminal_enrolled", terminal=name, public_key=seat.public_key)
        self.add("registration_opened")
        for deputy, name in SEATS.items():
            seat = self.seats[name]
            self.add("terminal_started", seat.sign(1, ["1", "seat_a", 1]), terminal=name)
            badge = seat.sign(2, [DEPUTIES[deputy]])
            self.add("badge_seated", badge, terminal=name, deputy=deputy)
            self.add("deputy_registered", deputy=deputy, late=False)

    def _vote(self) -> None:
        self.ballot = bytes(31) + b"\x01"
        self.add(
            "vote_opened",
            vote="v1",
            rule="half",
            ballot=self.ballot,
            checkpoint_size=len(self.facts),
            checkpoint_root=b"",  # export() names the root of what the facts say then
        )
        self.cast("d1", "for", 10.0)
        self.cast("d2", "against", 11.0)
        self.cast("d2", "for", 13.0)
        values = {"d1": "for", "d2": "for", "d3": "not_voted"}
        self.add(
            "vote_closed",
            vote="v1",
            tally={
                "votes_for": 2,
                "votes_against": 0,
                "votes_abstain": 0,
                "not_voted": 1,
                "absent": 0,
            },
            votes=[{"deputy": name, "value": value} for name, value in values.items()],
            adopted=True,
        )
        counts = {"for": 2, "against": 0, "abstain": 0, "not_voted": 1, "absent": 0}
        self.observed.shown.append(Shown("v1", counts, values, True))
        self.observed.windows.append(Window("v1", 5.0, 20.0))

    def cast(self, deputy: str, answer: str, at: float) -> None:
        evidence = self.press(deputy, answer, at)
        fields = {"vote": "v1", "deputy": deputy, "terminal": SEATS[deputy], "answer": answer}
        self.add("ballot_cast", evidence, **fields)

    def _name_root(self) -> None:
        for fact, _ in self.facts:
            if fact["kind"] == "vote_opened":
                size = fact["checkpoint_size"] - self.lie_about_root
                fact["checkpoint_root"] = root(self.leaves()[:size])


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, level by level: an odd last node goes up as it is."""
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [sha256(b"\1" + b"".join(pair)).digest() if pair[1:] else pair[0] for pair in pairs]
    return level[0]
