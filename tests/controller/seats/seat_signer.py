"""A seat's half of the wire, for tests: signs events and heartbeats, good ones and bad ones.

It keeps a chain as the firmware does (boot, sequence, hash of the event before), but every field
can be set to something else for one message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats.provisioning import TerminalKeys
from protocol import canonical_cbor, envelope, messages, sealed

HALL = "demo"


class SeatSigner:
    """One terminal with its own key. ``next_event`` moves its chain on; ``event`` does not."""

    def __init__(self, terminal: str, hall: str = HALL, mac_key: bytes = bytes(range(32))) -> None:
        self.terminal = terminal
        self.mac_key = mac_key
        self._key = Ed25519PrivateKey.generate()
        self.up = f"hall/{hall}/seat/{terminal}/up"
        self.alive = f"hall/{hall}/seat/{terminal}/alive"
        self.down = f"hall/{hall}/seat/{terminal}/down"
        self.boot = 1
        self.sequence = -1
        self.head = messages.NO_HASH
        self.counter = 0

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @property
    def keys(self) -> TerminalKeys:
        return TerminalKeys(self.terminal, self.public_key, self.mac_key, revoked=False)

    def reboot(self, head: bytes) -> None:
        """The next event is the hello of a new boot that names ``head``."""
        self.boot += 1
        self.sequence = -1
        self.head = head
        self.counter = 0

    def next_event(self, body: Any, **other: Any) -> bytes:
        """The next event of the chain, signed; the chain goes on from it."""
        data = self.event(body, **other)
        self.sequence += 1
        self.head = messages.event_hash(data)
        return data

    def event(self, body: Any, **other: Any) -> bytes:
        """What ``next_event`` would sign, with any field of the event replaced."""
        event = messages.Event(
            messages.type_of(body),
            other.get("terminal", self.terminal),
            other.get("boot", self.boot),
            other.get("sequence", self.sequence + 1),
            other.get("previous", self.head),
            other.get("view_revision", 0),
            body,
        )
        return self.sign(messages.encode_event(event), other.get("topic", self.up))

    def sign(self, payload: bytes, topic: str) -> bytes:
        """Any payload in a good envelope with this terminal's signature."""
        signature = self._key.sign(envelope.sign_structure(payload, topic))
        parts = (envelope.PROTECTED_EDDSA, {}, payload, signature)
        return bytes(canonical_cbor.encode(canonical_cbor.Tagged(envelope.TAG_SIGN1, parts)))

    def heartbeat(self, **other: Any) -> bytes:
        """The next heartbeat, or one with other fields."""
        self.counter += 1
        beat = messages.Heartbeat(
            self.terminal,
            other.get("boot", self.boot),
            other.get("counter", self.counter),
            1,
            60_000,
            0,
            other.get("view_revision", 0),
            0,
            max(0, self.sequence),
        )
        return bytes(sealed.seal_heartbeat(other.get("mac_key", self.mac_key), beat, self.alive))


def hello() -> messages.Hello:
    return messages.Hello("1.0.0", "test", 1)


def bad_events(seat: SeatSigner) -> dict[str, tuple[Callable[[], bytes], str]]:
    """Name of the fault: (how to make the bytes, the refusal that they must get).

    None of them moves the seat's chain; all but the hostile ones are signed by the seat itself.
    """

    def good() -> bytes:
        return seat.event(messages.FloorRequest())

    def flipped() -> bytes:
        data = bytearray(good())
        data[-1] ^= 1
        return bytes(data)

    def payload(*parts: Any) -> Callable[[], bytes]:
        return lambda: seat.sign(canonical_cbor.encode(list(parts)), seat.up)

    head = (seat.terminal, seat.boot, seat.sequence + 1, seat.head, 0)
    return {
        "empty": (lambda: b"", "truncated"),
        "not CBOR of ours": (lambda: b"\xff" * 40, "malformed_cbor"),
        "text instead of a message": (lambda: b"vote for everything", "truncated"),
        "cut in the middle": (lambda: good()[:60], "truncated"),
        "one byte too many": (lambda: good() + b"\0", "trailing_bytes"),
        "a little too large": (lambda: good() + bytes(200), "oversized"),
        "no envelope": (lambda: canonical_cbor.encode([1, 2, 3]), "wrong_envelope"),
        "the envelope of a heartbeat": (seat.heartbeat, "wrong_envelope"),
        "longer integer than needed": (
            lambda: seat.sign(b"\x88\x18\x01" + messages.encode_event(_floor(seat))[2:], seat.up),
            "not_deterministic",
        ),
        "a flipped bit of the signature": (flipped, "bad_signature"),
        "signed for another seat's topic": (
            lambda: seat.event(messages.FloorRequest(), topic=seat.up.replace("/up", "x/up")),
            "bad_signature",
        ),
        "another seat's name inside": (
            lambda: seat.event(messages.FloorRequest(), terminal="s99"),
            "foreign_topic",
        ),
        "another version": (payload(2, 5, *head, []), "wrong_version"),
        "a type that nobody knows": (payload(1, 99, *head, []), "unknown_type"),
        "a field too few": (payload(1, 5, *head), "wrong_shape"),
        "true instead of a number": (
            payload(1, 5, seat.terminal, True, *head[2:], []),
            "wrong_shape",
        ),
        "an answer that is no answer": (
            payload(1, 4, *head, [bytes(32), 4, b"badge"]),
            "out_of_range",
        ),
        "text that is not UTF-8": (
            lambda: seat.sign(_service_report_with(b"\xc0\x80", head), seat.up),
            "bad_text",
        ),
    }


def _floor(seat: SeatSigner) -> messages.Event:
    return messages.Event(
        5, seat.terminal, seat.boot, seat.sequence + 1, seat.head, 0, messages.FloorRequest()
    )


def _service_report_with(text: bytes, head: tuple[Any, ...]) -> bytes:
    good = canonical_cbor.encode([1, 7, *head, [1, "x" * len(text)]])
    return bytes(good[: -len(text)]) + text
