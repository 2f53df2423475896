"""The signed events that the controller has not settled yet, first in first out.

Promises: the bytes of an event never change, no event overtakes another, and everything is sent
again from the head until a view settles it. New events are sent at once behind their predecessors
(the controller admits in order and lets the head be repeated). The room is bounded; when it is
full the caller must refuse the press on the spot.
"""

from protocol.limits import OUTBOX_EVENTS_MAX
from terminal_fw.core.backoff import Backoff
from terminal_fw.core.ticks import ticks_add, ticks_diff

RESEND_FIRST_MS = 250
RESEND_MOST_MS = 2000


class Outbox:
    """A queue of (sequence, bytes); the first `_sent` of them are on their way."""

    def __init__(self, draw) -> None:
        self._entries = []
        self._sent = 0
        self._backoff = Backoff(RESEND_FIRST_MS, RESEND_MOST_MS, draw)
        self._resend_ms = None  # when everything is sent again from the head
        self._waiting_since_ms = None  # when the head was first sent

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        return len(self._entries) >= OUTBOX_EVENTS_MAX

    def add(self, sequence: int, data: bytes) -> None:
        """Queues one event. The caller has asked `full`."""
        if self.full:
            raise OverflowError("outbox")
        self._entries.append((sequence, data))

    def clear(self) -> None:
        """Forgets everything: a refused hello takes nothing with it."""
        self._entries = []
        self._quiet()

    def settle(self, accepted_sequence: int) -> None:
        """Drops every event up to `accepted_sequence`: the controller has judged it."""
        dropped = 0
        while dropped < len(self._entries) and self._entries[dropped][0] <= accepted_sequence:
            dropped += 1
        if dropped:
            del self._entries[:dropped]
            left = max(0, self._sent - dropped)
            self._quiet()
            self._sent = left

    def next(self, now_ms: int):
        """The bytes that should leave now, or None."""
        if self._resend_ms is not None and ticks_diff(now_ms, self._resend_ms) >= 0:
            self._sent = 0
            self._resend_ms = None
        if self._sent < len(self._entries):
            return self._entries[self._sent][1]
        if self._sent and self._resend_ms is None:  # settled in part: wait for the rest
            self._resend_ms = ticks_add(now_ms, self._backoff.next_ms())
        return None

    def mark_sent(self, now_ms: int) -> None:
        """What `next` gave has been handed to the link."""
        self._sent += 1
        if self._waiting_since_ms is None:
            self._waiting_since_ms = now_ms
        if self._resend_ms is None:
            self._resend_ms = ticks_add(now_ms, self._backoff.next_ms())

    def rewind(self) -> None:
        """The link is new: what was on its way may be lost, so begin at the head again."""
        self._sent = 0
        self._resend_ms = None
        self._backoff.reset()

    def waited_ms(self, now_ms: int) -> int:
        """For how long the head has been on its way without being settled."""
        if self._waiting_since_ms is None:
            return 0
        return ticks_diff(now_ms, self._waiting_since_ms)

    def next_deadline_ms(self, now_ms: int):
        """When `next` will have something to send; None when only a view can change anything."""
        if self._sent < len(self._entries):
            return now_ms
        return self._resend_ms if self._entries else None

    def _quiet(self) -> None:
        self._sent = 0
        self._resend_ms = None
        self._waiting_since_ms = None
        self._backoff.reset()
