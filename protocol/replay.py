"""The chain and replay rules of one terminal, as the controller keeps them.

Pure: `judge` changes nothing and `admit` is called after the event is on stable storage. The
verdicts other than ADMIT and REPEAT have the names of wire errors. Numbers only grow:
(boot, sequence) for events, (boot, counter) for heartbeats.
"""

from protocol.limits import HASH_BYTES, REPLAY_WINDOW_EVENTS
from protocol.wire_errors import BROKEN_CHAIN, FORKED_SEQUENCE, OLD_BOOT, OLD_SEQUENCE

ADMIT = 0  # new and next in its chain
REPEAT = 100  # the very event that is known: answer with the same receipt

NEVER = 0  # the boot of a terminal that was never heard; a real boot is at least 1


class Chain:
    """What is known of one terminal's events: head and the newest of the head's boot."""

    def __init__(self) -> None:
        """A terminal that was never heard: its first hello names zeros."""
        self.boot = NEVER
        self.sequence = 0
        self.head_hash = bytes(HASH_BYTES)
        self._window: list = []  # (sequence, hash), oldest first

    def judge(
        self, boot: int, sequence: int, previous: bytes, event_hash: bytes, is_hello: bool
    ) -> int:
        """ADMIT, REPEAT, OLD_BOOT, OLD_SEQUENCE, FORKED_SEQUENCE or BROKEN_CHAIN."""
        if boot < self.boot:
            return OLD_BOOT
        if boot > self.boot:
            # a boot begins with a hello that names the head, under whatever number it has by then
            if is_hello and previous == self.head_hash:
                return ADMIT
            return BROKEN_CHAIN
        if sequence <= self.sequence:
            for known, known_hash in self._window:
                if known == sequence:
                    return REPEAT if known_hash == event_hash else FORKED_SEQUENCE
            return OLD_SEQUENCE
        if sequence == self.sequence + 1 and previous == self.head_hash and not is_hello:
            return ADMIT
        return BROKEN_CHAIN

    def admit(self, boot: int, sequence: int, event_hash: bytes) -> None:
        """Make an event that was judged ADMIT the head. Also used to recall a ledger in order."""
        if boot != self.boot:
            self._window = []
        self.boot = boot
        self.sequence = sequence
        self.head_hash = event_hash
        self._window.append((sequence, event_hash))
        if len(self._window) > REPLAY_WINDOW_EVENTS:
            self._window.pop(0)


class HeartbeatCounter:
    """The newest (boot, counter) heard of one terminal; kept in memory only."""

    def __init__(self) -> None:
        """A terminal whose heartbeat was not heard since the controller's start."""
        self.boot = NEVER
        self.counter = 0

    def judge(self, boot: int, counter: int) -> int:
        """ADMIT, OLD_BOOT or OLD_SEQUENCE; an admitted heartbeat is remembered at once."""
        if boot < self.boot:
            return OLD_BOOT
        if boot == self.boot and counter <= self.counter:
            return OLD_SEQUENCE
        self.boot = boot
        self.counter = counter
        return ADMIT
