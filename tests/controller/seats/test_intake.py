"""Intake: what is refused, by which name, and that nothing changes by it."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core import commands as c
from controller.core import facts as f
from controller.seats import intake as module
from controller.seats.counts import RefusalCounts
from controller.seats.intake import (
    Admitted,
    Gone,
    Intake,
    OpenedEvent,
    OpenedHeartbeat,
    Repeat,
    WireRefusal,
)
from protocol import ed25519_verify, messages
from tests.controller.seats.seat_signer import HALL, SeatSigner, bad_events, hello


class Silent:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, **fields})


class Desk:
    """An intake with seats s01 and s02, and a clock that stands still unless it is told."""

    def __init__(self) -> None:
        self.log = Silent()
        self.now_ms = 1_000
        self.counts = RefusalCounts(self.log, lambda: self.now_ms)
        self.seat = SeatSigner("s01")
        self.other = SeatSigner("s02")
        self.intake = Intake(HALL, {s.terminal: s.keys for s in self.seats}, self.counts)

    @property
    def seats(self) -> tuple[SeatSigner, SeatSigner]:
        return self.seat, self.other

    def send(self, data: bytes, topic: str | None = None) -> Any:
        """Open and, if that went well, admit."""
        opened = self.intake.open_event(topic or self.seat.up, data, self.now_ms)
        if isinstance(opened, OpenedEvent):
            return self.intake.admit(opened, self.now_ms)
        if isinstance(opened, OpenedHeartbeat):
            return self.intake.admit_heartbeat(opened)
        return opened

    def reason(self, data: bytes, topic: str | None = None) -> str:
        answer = self.send(data, topic)
        assert isinstance(answer, WireRefusal), answer
        return answer.reason


@pytest.fixture
def desk() -> Desk:
    return Desk()


BODIES = [
    (messages.BadgePresent(b"\1\2\3\4"), c.PresentBadge("s01", b"\1\2\3\4")),
    (messages.BadgeGone(), c.TakeBadgeAway("s01")),
    (
        messages.Press(b"b" * 32, messages.AGAINST, b"\1\2\3\4"),
        c.PressAnswer("s01", b"\1\2\3\4", b"b" * 32, "against"),
    ),
    (messages.FloorRequest(), c.RequestFloor("s01")),
    (messages.FloorWithdraw(), c.WithdrawFloor("s01")),
    (messages.ServiceReport(7, "reader silent"), c.ReportTerminal("s01", 7, "reader silent")),
]


def test_a_good_chain_of_every_kind_of_event_is_admitted_as_commands(desk: Desk) -> None:
    first = desk.seat.next_event(hello())
    answer = desk.send(first)
    assert isinstance(answer, Admitted)
    assert answer.command == c.StartTerminal("s01", "1.0.0")
    assert answer.evidence == first
    for body, command in BODIES:
        answer = desk.send(desk.seat.next_event(body))
        assert isinstance(answer, Admitted)
        assert answer.command == command
    assert desk.counts.snapshot() == {}


@pytest.mark.parametrize("fault", bad_events(SeatSigner("s01")))
def test_a_bad_message_is_refused_by_name_counted_and_changes_nothing(
    desk: Desk, fault: str
) -> None:
    assert isinstance(desk.send(desk.seat.next_event(hello())), Admitted)
    make, name = bad_events(desk.seat)[fault]
    assert desk.reason(make()) == name
    assert desk.counts.snapshot() == {name: 1}
    # the chain stands where it stood
    assert isinstance(desk.send(desk.seat.next_event(messages.FloorRequest())), Admitted)


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("hall/demo/seat/s03/up", "unknown_terminal"),
        ("hall/demo/seat/s02/up", "bad_signature"),
        ("hall/other/seat/s01/up", "foreign_topic"),
        ("hall/demo/seat/s01/down", "foreign_topic"),
        ("hall/demo/seat/s01", "foreign_topic"),
        ("hall/demo/seat/S01/up", "foreign_topic"),
    ],
)
def test_a_topic_that_is_not_the_signers_own_is_refused(desk: Desk, topic: str, name: str) -> None:
    assert desk.reason(desk.seat.event(hello()), topic) == name


def test_a_revoked_terminal_is_refused_at_the_door_and_in_the_queue(desk: Desk) -> None:
    waiting = desk.intake.open_event(desk.seat.up, desk.seat.event(hello()), 0)
    assert isinstance(waiting, OpenedEvent)
    desk.intake.revoke("s01")
    assert desk.reason(desk.seat.event(hello())) == "revoked_terminal"
    assert desk.reason(desk.seat.heartbeat(), desk.seat.alive) == "revoked_terminal"
    assert desk.reason(b"\0", desk.seat.alive) == "revoked_terminal"
    refused = desk.intake.admit(waiting, 0)
    assert isinstance(refused, WireRefusal)
    assert refused.reason == "revoked_terminal"
    assert isinstance(desk.send(desk.other.next_event(hello()), desk.other.up), Admitted)


def test_a_repeat_is_answered_as_a_repeat_and_not_counted(desk: Desk) -> None:
    events = [desk.seat.next_event(hello()), desk.seat.next_event(messages.FloorRequest())]
    for data in events:
        assert isinstance(desk.send(data), Admitted)
    for data in events:
        assert desk.send(data) == Repeat("s01")
    assert desk.counts.snapshot() == {}


def test_replays_forks_and_broken_chains_have_names(desk: Desk) -> None:
    seat = desk.seat
    first = seat.next_event(hello())
    desk.send(first)
    desk.send(seat.next_event(messages.FloorRequest()))
    assert desk.reason(seat.event(messages.BadgeGone(), sequence=1)) == "forked_sequence"
    assert desk.reason(seat.event(messages.BadgeGone(), previous=b"x" * 32)) == "broken_chain"
    assert desk.reason(seat.event(messages.BadgeGone(), sequence=7)) == "broken_chain"
    assert desk.reason(seat.event(hello(), boot=2, sequence=0, previous=b"x" * 32)) == (
        "broken_chain"
    )
    seat.reboot(seat.head)
    assert isinstance(desk.send(seat.next_event(hello())), Admitted)
    assert desk.reason(first) == "old_boot"
    for _ in range(messages.limits.REPLAY_WINDOW_EVENTS + 1):
        desk.now_ms += 1_000
        desk.send(seat.next_event(messages.FloorRequest()))
    assert desk.reason(seat.event(hello(), sequence=0)) == "old_sequence"


def test_a_refusal_of_an_authentic_event_says_which_event(desk: Desk) -> None:
    answer = desk.send(desk.seat.event(messages.FloorRequest(), boot=3, sequence=9))
    assert answer == WireRefusal("broken_chain", "s01", "boot 3 sequence 9", 3, 9)
    assert desk.send(b"").sequence == -1


def test_too_many_events_are_refused_without_moving_the_head_and_taken_later(desk: Desk) -> None:
    desk.send(desk.seat.next_event(hello()))
    for _ in range(module.EVENT_BURST - 1):
        assert isinstance(desk.send(desk.seat.next_event(messages.FloorRequest())), Admitted)
    late = desk.seat.next_event(messages.FloorRequest())
    assert desk.reason(late) == "rate_limited"
    desk.now_ms += 1_000 // module.EVENTS_PER_S
    assert isinstance(desk.send(late), Admitted)


def test_a_flood_is_cut_before_any_signature_is_checked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bytes] = []
    real = module.sealed.open_event
    monkeypatch.setattr(
        module.sealed, "open_event", lambda *args: (checked.append(args[0]), real(*args))[1]
    )
    rubbish = b"\xff" * 100
    for _ in range(module.FLOOD_BURST + 500):
        desk.send(rubbish)
    assert len(checked) == module.FLOOD_BURST
    assert desk.counts.snapshot()["rate_limited"] == 500
    # the seat's other topic and the other seats are still heard
    assert isinstance(desk.send(desk.seat.heartbeat(), desk.seat.alive), messages.Heartbeat)
    assert isinstance(desk.send(desk.other.next_event(hello()), desk.other.up), Admitted)


def test_heartbeats_are_taken_once_and_never_from_an_older_boot(desk: Desk) -> None:
    seat = desk.seat
    beat = seat.heartbeat()
    assert isinstance(desk.send(beat, seat.alive), messages.Heartbeat)
    assert desk.reason(beat, seat.alive) == "old_sequence"
    assert desk.reason(seat.heartbeat(mac_key=b"k" * 32), seat.alive) == "bad_mac"
    assert desk.reason(seat.event(hello()), seat.alive) in ("wrong_envelope", "oversized")
    seat.reboot(messages.NO_HASH)
    assert isinstance(desk.send(seat.next_event(hello())), Admitted)
    assert desk.reason(seat.heartbeat(boot=1, counter=99), seat.alive) == "old_boot"


def test_a_last_will_is_a_hint_for_its_own_terminal(desk: Desk) -> None:
    assert desk.send(b"\0", desk.seat.alive) == Gone("s01", desk.now_ms)
    assert desk.reason(b"\1", desk.seat.alive) != ""


def test_after_a_restart_the_ledger_alone_brings_every_chain_back(desk: Desk) -> None:
    seat = desk.seat
    history: list[tuple[bytes, f.Fact]] = []
    for number in range(40):
        body = hello() if number == 0 else messages.FloorRequest()
        data = seat.next_event(body)
        assert isinstance(desk.send(data), Admitted)
        desk.now_ms += 100
        reason = f.EventRefused("s01", None, "seat_empty")
        history.append((data, reason if number == 39 else f.TerminalStarted("s01", "1")))
    restarted = Desk()
    restarted.seat, restarted.now_ms = seat, desk.now_ms
    restarted.intake = Intake(HALL, {"s01": seat.keys}, restarted.counts)
    for data, fact in history:
        restarted.intake.recall(data, fact)
    head = restarted.intake.heads()["s01"]
    assert (head.boot, head.sequence, head.hash) == (1, 39, seat.head)
    assert head.refused == "seat_empty"
    assert restarted.send(history[-1][0]) == Repeat("s01")
    assert restarted.send(history[10][0]) == Repeat("s01")
    assert restarted.reason(history[2][0]) == "old_sequence"
    assert isinstance(restarted.send(seat.next_event(messages.BadgeGone())), Admitted)


def test_signatures_are_judged_as_by_the_wires_reference() -> None:
    """Hostile ones too: high S, a small-order commitment with a zero answer."""
    seat = SeatSigner("s01")
    keys = module._Keys(seat.keys)
    good = seat._key.sign(b"m")
    order = ed25519_verify.ORDER
    high = good[:32] + (int.from_bytes(good[32:], "little") + order).to_bytes(32, "little")
    assert len(module._SMALL_ORDER) == 8
    # the holder of the key may choose the neutral element as commitment: OpenSSL takes that
    neutral = b"\1" + bytes(31)
    secret = bytearray(hashlib.sha512(seat._key.private_bytes_raw()).digest()[:32])
    secret[0] &= 0xF8
    secret[31] = secret[31] & 0x7F | 0x40
    challenge = hashlib.sha512(neutral + seat.public_key + b"m").digest()
    numbers = (int.from_bytes(one, "little") for one in (challenge, bytes(secret)))
    chosen = neutral + (math.prod(numbers) % order).to_bytes(32, "little")
    seat._key.public_key().verify(chosen, b"m")
    hostile = [high, chosen, bytes(64), good[::-1]]
    hostile += [one + bytes(32) for one in module._SMALL_ORDER]
    for signature in [good, *hostile]:
        expected = ed25519_verify.verify(seat.public_key, b"m", signature)
        assert keys.verify(b"m", signature) is expected
        assert expected is (signature == good)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300), alive=st.booleans())
def test_no_bytes_of_a_stranger_are_ever_opened(data: bytes, alive: bool) -> None:
    desk = Desk()
    opened = desk.intake.open_event(desk.seat.alive if alive else desk.seat.up, data, 0)
    assert isinstance(opened, WireRefusal) or (alive and data == b"\0")


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_one_changed_byte_of_a_signed_event_is_always_refused(place: int, change: int) -> None:
    desk = Desk()
    data = bytearray(desk.seat.event(messages.Press(b"b" * 32, 1, b"\1\2\3\4")))
    data[place % len(data)] ^= change
    assert isinstance(desk.intake.open_event(desk.seat.up, bytes(data), 0), WireRefusal)
