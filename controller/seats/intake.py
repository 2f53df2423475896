"""Everything between a message's arrival and the sitting's rules: who signed it, and is it new.

Two steps. ``open_event`` is stateless but for its flood limit and may be called from the bridge's
thread: size, encoding, signature or MAC, shape, topic. ``admit`` keeps each terminal's chain and
belongs to the writer alone. Every refusal has a name from the closed list of the wire, is counted,
and changes nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controller.core.commands import SeatCommand
from controller.core.facts import EventRefused, Fact
from controller.seats.buckets import Buckets
from controller.seats.counts import RefusalCounts
from controller.seats.provisioning import TerminalKeys
from controller.seats.translate import command_of
from protocol import ed25519_verify, envelope, limits, messages, replay, sealed, topics, wire_errors
from protocol.wire_errors import WireError

# messages that are looked at, for each terminal and topic, before any work is done for them
FLOOD_BURST = 60
FLOOD_PER_S = 30
# new events that are admitted for each terminal: each of them is a row in the ledger
EVENT_BURST = 30
EVENTS_PER_S = 10


class WireRefusal(msgspec.Struct, frozen=True):
    """A message that never reached the rules. ``reason`` is the wire's name for why.

    ``terminal`` is empty where the topic names none of ours. ``boot`` and ``sequence`` are there
    (not -1) where the message was authentic: only then may the seat's view speak of it.
    """

    reason: str
    terminal: str = ""
    detail: str = ""
    boot: int = -1
    sequence: int = -1


class OpenedEvent(msgspec.Struct, frozen=True):
    """An authentic event, not yet judged for its place in the chain. ``data`` is all its bytes."""

    terminal: str
    event: messages.Event
    data: bytes
    hash: bytes
    arrival_ms: int


class OpenedHeartbeat(msgspec.Struct, frozen=True):
    """An authentic heartbeat, not yet judged for its counter."""

    terminal: str
    heartbeat: messages.Heartbeat
    arrival_ms: int


class Gone(msgspec.Struct, frozen=True):
    """The broker published the terminal's last will: a hint only."""

    terminal: str
    arrival_ms: int


Opened = OpenedEvent | OpenedHeartbeat | Gone


class Admitted(msgspec.Struct, frozen=True):
    """A new event in its right place: the terminal's head is now this event.

    At least one fact must be written for it, with ``evidence`` beside the first one: the ledger
    alone brings the chain back after a restart.
    """

    terminal: str
    command: SeatCommand
    evidence: bytes
    event: messages.Event
    hash: bytes


class Repeat(msgspec.Struct, frozen=True):
    """A known event came again: answered by the seat's view, and by nothing else."""

    terminal: str


class Head(msgspec.Struct, frozen=True):
    """The newest admitted event of a terminal; ``refused`` is why the rules refused it, if so."""

    boot: int
    sequence: int
    hash: bytes
    refused: str | None = None


class Intake:
    """Opens and admits the messages of all terminals of one hall."""

    def __init__(
        self, hall: str, terminals: Mapping[str, TerminalKeys], counts: RefusalCounts
    ) -> None:
        """``terminals`` comes from ``provisioning.load_terminal_keys``."""
        self._hall = hall
        self._counts = counts
        self._keys = {name: _Keys(keys) for name, keys in terminals.items()}
        self._flood = Buckets(FLOOD_BURST, FLOOD_PER_S)
        self._flood_lock = threading.Lock()
        self._rate = Buckets(EVENT_BURST, EVENTS_PER_S)
        self._chains: dict[str, replay.Chain] = {}
        self._heartbeats: dict[str, replay.HeartbeatCounter] = {}
        self._recalled: dict[str, deque[tuple[bytes, Fact]]] = {}

    def enrol(self, keys: TerminalKeys) -> None:
        """A terminal more, or one that is now revoked."""
        self._keys = {**self._keys, keys.terminal: _Keys(keys)}

    def revoke(self, terminal: str) -> None:
        """From now on this terminal's messages are refused as ``revoked_terminal``."""
        known = self._keys.get(terminal)
        if known is not None:
            self.enrol(msgspec.structs.replace(known.keys, revoked=True))

    # --- any one thread at a time

    def open_event(self, topic: str, payload: bytes, arrival_ms: int) -> Opened | WireRefusal:
        """The message, if it is what its topic demands and comes from whom it says."""
        terminal = ""
        try:
            parts = topics.parse(topic)
            if parts.hall != self._hall or parts.direction == topics.DOWN:
                raise WireError(wire_errors.FOREIGN_TOPIC, "another hall or direction")
            terminal = parts.terminal
            return self._open(topic, parts, payload, arrival_ms)
        except WireError as error:
            return self._refuse(WireRefusal(error.name, terminal, error.detail))

    def _open(self, topic: str, parts: topics.Topic, payload: bytes, arrival_ms: int) -> Opened:
        terminal: str = parts.terminal
        keys = self._keys.get(terminal)
        if keys is None:
            raise WireError(wire_errors.UNKNOWN_TERMINAL)
        if keys.keys.revoked:
            raise WireError(wire_errors.REVOKED_TERMINAL)
        with self._flood_lock:
            if not self._flood.take((terminal, parts.direction), arrival_ms):
                raise WireError(wire_errors.RATE_LIMITED, parts.direction)
        if parts.direction == topics.ALIVE:
            if payload == topics.LAST_WILL:
                return Gone(terminal, arrival_ms)
            heartbeat = sealed.open_heartbeat(payload, keys.keys.mac_key, topic)
            return OpenedHeartbeat(terminal, heartbeat, arrival_ms)
        event = sealed.open_event(payload, topic, keys.verify)
        return OpenedEvent(terminal, event, payload, messages.event_hash(payload), arrival_ms)

    # --- the writer alone

    def admit(self, opened: OpenedEvent, now_ms: int) -> Admitted | Repeat | WireRefusal:
        """Judge an event's place in its terminal's chain and, if it is new, make it the head."""
        event = opened.event
        keys = self._keys.get(opened.terminal)
        if keys is None or keys.keys.revoked:
            # revoked while the event stood in the queue
            return self._refuse_event(opened, wire_errors.REVOKED_TERMINAL)
        chain = self._chain(opened.terminal)
        verdict = chain.judge(
            event.boot,
            event.sequence,
            event.previous,
            opened.hash,
            event.type == messages.HELLO,
        )
        if verdict == replay.REPEAT:
            return Repeat(opened.terminal)
        if verdict != replay.ADMIT:
            return self._refuse_event(opened, verdict)
        if not self._rate.take(opened.terminal, now_ms):
            return self._refuse_event(opened, wire_errors.RATE_LIMITED)
        chain.admit(event.boot, event.sequence, opened.hash)
        return Admitted(opened.terminal, command_of(event), opened.data, event, opened.hash)

    def admit_heartbeat(self, opened: OpenedHeartbeat) -> messages.Heartbeat | WireRefusal:
        """The heartbeat, if it is newer than every other that was heard from its terminal."""
        heartbeat = opened.heartbeat
        counter = self._heartbeats.setdefault(opened.terminal, replay.HeartbeatCounter())
        verdict = counter.judge(heartbeat.boot, heartbeat.counter)
        if verdict == replay.ADMIT and heartbeat.boot < self._chain(opened.terminal).boot:
            verdict = wire_errors.OLD_BOOT
        if verdict == replay.ADMIT:
            return heartbeat
        return self._refuse(WireRefusal(wire_errors.NAMES[verdict], opened.terminal, "heartbeat"))

    def boot(self, terminal: str) -> int:
        """The boot of the terminal's newest admitted event; 0 when it was never heard."""
        return int(self._chain(terminal).boot)

    def recall(self, evidence: bytes, fact: Fact) -> None:
        """Take an admitted event back from the ledger, in the ledger's order; cheap.

        ``fact`` is the one beside which the evidence is kept.
        """
        terminal = _terminal_of(evidence)
        kept = self._recalled.get(terminal)
        if kept is None:
            kept = self._recalled[terminal] = deque(maxlen=limits.REPLAY_WINDOW_EVENTS)
        kept.append((evidence, fact))

    def heads(self) -> dict[str, Head]:
        """Every terminal's newest recalled event: for the views, before anything is admitted."""
        heads: dict[str, Head] = {}
        for terminal, kept in self._recalled.items():
            evidence, fact = kept[-1]
            event = _recalled_event(evidence)
            reason = fact.reason if isinstance(fact, EventRefused) else None
            data_hash = messages.event_hash(evidence)
            heads[terminal] = Head(event.boot, event.sequence, data_hash, reason)
        return heads

    def _chain(self, terminal: str) -> replay.Chain:
        chain = self._chains.get(terminal)
        if chain is None:
            chain = self._chains[terminal] = replay.Chain()
            for evidence, _ in self._recalled.pop(terminal, ()):
                event = _recalled_event(evidence)
                chain.admit(event.boot, event.sequence, messages.event_hash(evidence))
        return chain

    def _refuse_event(self, opened: OpenedEvent, reason: int) -> WireRefusal:
        event = opened.event
        return self._refuse(
            WireRefusal(
                wire_errors.NAMES[reason],
                opened.terminal,
                f"boot {event.boot} sequence {event.sequence}",
                event.boot,
                event.sequence,
            )
        )

    def _refuse(self, refusal: WireRefusal) -> WireRefusal:
        self._counts.count(refusal.reason, refusal.terminal or "broker", refusal.detail)
        return refusal


def _small_order() -> frozenset[bytes]:
    """The encodings of the eight points of small order: no sound signature begins with one."""
    point = ed25519_verify.decode_point(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    )
    multiples = (ed25519_verify.times(number, point) for number in range(8))
    return frozenset(ed25519_verify.encode_point(one) for one in multiples)


_SMALL_ORDER = _small_order()


class _Keys:
    """A terminal's keys with the signature's check that the wire's envelope asks for."""

    def __init__(self, keys: TerminalKeys) -> None:
        self.keys = keys
        self._public_key = Ed25519PublicKey.from_public_bytes(keys.public_key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """The same answer as the wire's reference, ``protocol.ed25519_verify``, but fast."""
        if signature[:32] in _SMALL_ORDER:
            return False
        try:
            self._public_key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _recalled_event(evidence: bytes) -> messages.Event:
    """The event in bytes of our own ledger: its signature was checked before it was written."""
    return messages.decode_event(
        envelope.open_sign1(evidence, "", lambda _message, _signature: True)
    )


def _terminal_of(evidence: bytes) -> str:
    """Which terminal signed; without decoding the whole, as a ledger may hold a million of them.

    The bytes were accepted once, so each part stands where the one encoding puts it: tag, array,
    protected header, empty map and the payload's head take 9 bytes (a payload names a hash, so it
    is never so short that its head is shorter), then array, version and type take one each.
    """
    length = evidence[12] & 0x1F
    return evidence[13 : 13 + length].decode("ascii")
