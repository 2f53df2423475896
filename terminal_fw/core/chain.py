"""The chain of this seat's signed events: who signs what, in which order, after which event.

Promises that one (boot, sequence) never signs two different events and that every event names the
hash of the one before it. Holds the seed; gives out only signed bytes.
"""

from protocol import messages, sealed, topics
from protocol.messages import NO_HASH


class Chain:
    """The events of one boot. The boot number was written to flash before this was made."""

    def __init__(self, seed: bytes, hall: str, terminal: str, boot: int) -> None:
        self.terminal = terminal
        self.boot = boot
        self.previous = NO_HASH
        self.last_sequence = 0  # meaningful once something was signed
        self._next_sequence = 0
        self._seed = seed
        self._topic = topics.build(hall, terminal, topics.UP)

    def start_from(self, head: bytes) -> None:
        """The next event, a hello, names `head` as the event before it."""
        self.previous = head

    def sign(self, body, view_revision: int):
        """(sequence, signed bytes) of the next event."""
        sequence = self._next_sequence
        self._next_sequence += 1
        event = messages.Event(
            messages.type_of(body),
            self.terminal,
            self.boot,
            sequence,
            self.previous,
            view_revision,
            body,
        )
        data = sealed.seal_event(self._seed, event, self._topic)
        self.previous = messages.event_hash(data)
        self.last_sequence = sequence
        return sequence, data
