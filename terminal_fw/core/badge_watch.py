"""The conversation with the PN532: which badge lies in the slot, and when it went away.

Promises: while the slot is empty the chip itself waits for a badge and the seat sleeps; while a
badge is in, it is asked for about twice a second; a badge is gone only after several misses. A
reader that does not answer is reported once and tried again; a badge that was in it stays for one
more round of tries, about four seconds in all. Knows no UART: bytes in, bytes out.
"""

from protocol.limits import BADGE_BYTES_MAX, BADGE_BYTES_MIN
from terminal_fw.core.badge_frames import (
    ACK,
    IS_ERROR,
    IS_RESPONSE,
    WAKE_UP,
    BadgeFrames,
    command_frame,
)
from terminal_fw.core.ticks import is_due, ticks_add, ticks_diff

POLL_MS = 500
RECHECK_MS = 60
MISSES_MAX = 3
ANSWER_MS = 300
FAILURES_MAX = 3
REST_MS = 2000  # after a failed reader, before it is tried again
REFRESH_MS = 60000  # a chip that lost its power while it waited is found out this late

PRESENT = 1
GONE = 2
FAULT = 3

_SAM_CONFIGURATION = 0x14
_RF_CONFIGURATION = 0x32
_LIST_TARGET = 0x4A
_SAM_NORMAL = b"\x01\x00\x01"
_RETRIES = b"\x05\xff\x01"  # item 5: MaxRetries of ATR and PSL, then of passive activation
_FOR_EVER = b"\xff"
_TWICE = b"\x02"
_ONE_106_KBPS = b"\x01\x00"

# what the seat waits for
_WAKING = 0
_SETTING_WAIT = 1
_WAITING = 2
_SETTING_POLL = 3
_POLLING = 4
_PAUSE = 5  # between two polls
_REST = 6  # the reader failed


class BadgeWatch:
    """One reader. Call `step` with what it said; send what stands in `output` afterwards."""

    def __init__(self, now_ms: int, phase_ms: int = 0) -> None:
        self.badge = b""
        self.output = b""
        self._frames = BadgeFrames()
        self._phase_ms = phase_ms % POLL_MS
        self._misses = 0
        self._failures = 0
        self._faulty = False
        self._state = _REST
        self._deadline_ms = now_ms

    def step(self, received: bytes, now_ms: int) -> list:
        """What happened: (PRESENT, badge), (GONE, badge) or (FAULT, b"")."""
        self.output = b""
        happened = []
        if received:
            for kind, command, data in self._frames.feed(received):
                if kind == IS_RESPONSE:
                    self._answered(command, data, now_ms, happened)
                elif kind == IS_ERROR:
                    self._failed(now_ms, happened)
        if is_due(self._deadline_ms, now_ms):
            self._time_is_up(now_ms, happened)
        return happened

    def next_deadline_ms(self) -> int:
        """When `step` must be called without any byte received."""
        return self._deadline_ms

    def _ask(self, state: int, command: int, data: bytes, now_ms: int) -> None:
        self._state = state
        self.output += command_frame(command, data)
        wait_ms = REFRESH_MS if state == _WAITING else ANSWER_MS
        self._deadline_ms = ticks_add(now_ms, wait_ms)

    def _answered(self, command: int, data: bytes, now_ms: int, happened: list) -> None:
        state = self._state
        if command == _SAM_CONFIGURATION and state == _WAKING:
            self._wait_for_card(now_ms)
        elif command == _RF_CONFIGURATION and state == _SETTING_WAIT:
            self._ask(_WAITING, _LIST_TARGET, _ONE_106_KBPS, now_ms)
        elif command == _RF_CONFIGURATION and state == _SETTING_POLL:
            self._pause(now_ms)
        elif command == _LIST_TARGET and state in (_WAITING, _POLLING):
            self._listed(_badge_of(data), now_ms, happened)
        else:
            return  # an answer to a question that was given up
        self._failures = 0
        self._faulty = False

    def _listed(self, badge: bytes, now_ms: int, happened: list) -> None:
        if badge:
            self._misses = 0
            if badge != self.badge:
                if self.badge:
                    happened.append((GONE, self.badge))
                self.badge = badge
                happened.append((PRESENT, badge))
            if self._state == _WAITING:
                self._ask(_SETTING_POLL, _RF_CONFIGURATION, _RETRIES + _TWICE, now_ms)
            else:
                self._pause(now_ms)
            return
        self._misses += 1
        if not self.badge:
            self._wait_for_card(now_ms)
        elif self._misses < MISSES_MAX:
            self._state = _PAUSE
            self._deadline_ms = ticks_add(now_ms, RECHECK_MS)
        else:
            happened.append((GONE, self.badge))
            self.badge = b""
            self._misses = 0
            self._wait_for_card(now_ms)

    def _wait_for_card(self, now_ms: int) -> None:
        if self.badge:  # the reader was restarted under a badge: it is polled, not announced again
            self._ask(_SETTING_POLL, _RF_CONFIGURATION, _RETRIES + _TWICE, now_ms)
        else:
            self._ask(_SETTING_WAIT, _RF_CONFIGURATION, _RETRIES + _FOR_EVER, now_ms)

    def _pause(self, now_ms: int) -> None:
        """Sleeps until the next instant of this seat's half-second grid."""
        self._state = _PAUSE
        into_ms = ticks_diff(now_ms, self._phase_ms) % POLL_MS
        self._deadline_ms = ticks_add(now_ms, POLL_MS - into_ms)

    def _time_is_up(self, now_ms: int, happened: list) -> None:
        if self._state == _PAUSE:
            self._ask(_POLLING, _LIST_TARGET, _ONE_106_KBPS, now_ms)
        elif self._state == _WAITING:
            self.output += ACK  # stop waiting; ask again in case the chip has forgotten
            self._wake(now_ms)
        elif self._state == _REST:
            self._wake(now_ms)
        else:
            self._failed(now_ms, happened)

    def _wake(self, now_ms: int) -> None:
        self._frames.clear()
        self.output += WAKE_UP
        self._ask(_WAKING, _SAM_CONFIGURATION, _SAM_NORMAL, now_ms)

    def _failed(self, now_ms: int, happened: list) -> None:
        self._failures += 1
        if self._failures < FAILURES_MAX:
            self._wake(now_ms)
            return
        self._failures = 0
        self._state = _REST
        self._deadline_ms = ticks_add(now_ms, REST_MS)
        if not self._faulty:  # a reader that stumbles is not yet a deputy who left
            self._faulty = True
            happened.append((FAULT, b""))
        elif self.badge:  # silent for a second round: nobody can say that the badge is there
            happened.append((GONE, self.badge))
            self.badge = b""


def _badge_of(data: bytes) -> bytes:
    """The identifier in an InListPassiveTarget answer; empty when there is no usable badge."""
    if len(data) < 6 or data[0] == 0:
        return b""
    length = data[5]
    if not BADGE_BYTES_MIN <= length <= BADGE_BYTES_MAX or len(data) < 6 + length:
        return b""
    return data[6 : 6 + length]
