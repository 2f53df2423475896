"""The main loop of a seat: poll the inputs, step the core with one instant, perform its effects,
feed the watchdog, sleep until something happens.

Promises that no step waits for the network, a badge or a person, that an idle seat sleeps, and
that nothing is decided here: the core decides, the drivers act.
"""

import gc

from protocol import messages, sealed, topics
from protocol.limits import UINT32_MAX
from protocol.wire_errors import WireError
from terminal_fw.core import badge_watch, seat
from terminal_fw.core.ticks import is_due, ticks_add, ticks_diff

HEARTBEAT_MS = 1000
THINK_MS = 60000  # the longest time without a thought, should a deadline be forgotten
HEAP_CHECK_HEARTBEATS = 16  # measuring the heap costs more than all the rest of an idle second
HEAP_CHECK_FIRST = 4  # by then the link is up
OVERFLOW_SHOWN_HEARTBEATS = 10
DETAIL_INPUT = "button edges lost"
DETAIL_READER = "badge reader does not answer"
DETAIL_SCREEN = "screen does not answer"


class App:
    """Everything of one seat, wired by main.py; `parts` has a driver under each name below."""

    def __init__(self, parts, settings, mac_key: bytes, mind, now_ms: int, phase_ms: int) -> None:
        self.parts = parts
        self.mind = mind
        self.messages_refused = 0
        self._mac_key = mac_key
        self._up = topics.build(settings.hall, settings.terminal, topics.UP)
        self._down = topics.build(settings.hall, settings.terminal, topics.DOWN)
        self._alive = topics.build(settings.hall, settings.terminal, topics.ALIVE)
        self._inputs = []
        self._link_up = False
        self._screen_faulty = False
        self._heartbeat_ms = ticks_add(now_ms, (phase_ms - now_ms) % HEARTBEAT_MS)
        self._heartbeats = 0
        self._heap_free = gc.mem_free()
        self._overflow_heartbeats = 0
        self._think_ms = None  # when mind and screen have work without any input
        self.restart = None
        parts.buttons.read_levels(parts.debounce, now_ms)

    def run(self) -> None:
        """Ticks until the core asks for a restart."""
        while self.restart is None:
            self.parts.poller.wait(self.tick())

    def tick(self) -> int:
        """One step; gives how long the seat may sleep, in milliseconds."""
        parts = self.parts
        now_ms = parts.now_ms()
        up_ms = parts.uptime.step(now_ms)
        self._inputs = []
        self._take_buttons(now_ms)
        self._take_badge(now_ms)
        self._take_messages(up_ms)
        if self._inputs or self._think_ms is None or is_due(self._think_ms, now_ms):
            for effect in self.mind.step(self._inputs, now_ms):
                self._perform(effect, now_ms)
            self._draw(now_ms)
            self._think_ms = self._next_thought(now_ms)
        if self._link_up:
            self._send(now_ms)
        self._beat(now_ms, up_ms)
        parts.lamps.step(now_ms)
        parts.buzzer.step(now_ms)
        parts.watchdog.feed()
        return self._sleep_ms(parts.now_ms(), up_ms)

    # -- inputs

    def _take_buttons(self, now_ms: int) -> None:
        buttons, debounce = self.parts.buttons, self.parts.debounce
        buttons.drain(debounce, now_ms)
        if buttons.overflowed:
            buttons.overflowed = False
            self._overflow_heartbeats = OVERFLOW_SHOWN_HEARTBEATS
            self._inputs.append((seat.SERVICE, seat.REPORT_INPUT_OVERFLOW, DETAIL_INPUT))
        for key in debounce.step(now_ms):
            self._inputs.append((seat.PRESSED, key))

    def _take_badge(self, now_ms: int) -> None:
        for what, badge in self.parts.reader.step(now_ms):
            if what == badge_watch.PRESENT:
                self._inputs.append((seat.BADGE_IN, badge))
            elif what == badge_watch.GONE:
                self._inputs.append((seat.BADGE_OUT,))
            else:
                self._inputs.append((seat.SERVICE, seat.REPORT_READER_FAULT, DETAIL_READER))

    def _take_messages(self, up_ms: int) -> None:
        link = self.parts.link
        received = link.step(up_ms)
        if link.connected != self._link_up:
            self._link_up = link.connected
            self._inputs.append((seat.LINK, self._link_up))
        for topic, payload in received:
            if topic != self._down:
                continue
            try:
                view = sealed.open_view(bytes(payload), self._mac_key, self._down)
            except WireError as error:
                self.messages_refused += 1
                print("refused a message:", error.name)
                continue
            self._inputs.append((seat.VIEW, view))

    # -- effects

    def _perform(self, effect: tuple, now_ms: int) -> None:
        kind = effect[0]
        if kind == seat.LAMPS:
            self.parts.lamps.set(effect[1], now_ms)
        elif kind == seat.BUZZ:
            self.parts.buzzer.refuse(now_ms)
        elif kind == seat.RESTART:
            self.restart = effect[1]

    def _send(self, now_ms: int) -> None:
        outbox = self.mind.outbox
        while True:
            data = outbox.next(now_ms)
            if data is None or not self.parts.link.publish(self._up, data):
                return
            outbox.mark_sent(now_ms)

    def _beat(self, now_ms: int, up_ms: int) -> None:
        if not is_due(self._heartbeat_ms, now_ms):
            return
        # the next instant of this seat's own second, also after a long sleep
        late_ms = ticks_diff(now_ms, self._heartbeat_ms) % HEARTBEAT_MS
        self._heartbeat_ms = ticks_add(now_ms, HEARTBEAT_MS - late_ms)
        if self._heartbeats % HEAP_CHECK_HEARTBEATS == HEAP_CHECK_FIRST:
            gc.collect()
            self._heap_free = gc.mem_free()
        self._heartbeats += 1
        if not self._link_up:
            return
        mind = self.mind
        flags = messages.BADGE_IN_READER if self.parts.reader.badge else 0
        if self._overflow_heartbeats:
            self._overflow_heartbeats -= 1
            flags |= messages.INPUT_OVERFLOW
        heartbeat = messages.Heartbeat(
            mind.chain.terminal,
            mind.chain.boot,
            self._heartbeats,
            up_ms // 1000,
            min(self._heap_free, UINT32_MAX),
            len(mind.outbox),
            mind.revision,
            flags,
            mind.chain.last_sequence,
        )
        data = sealed.seal_heartbeat(self._mac_key, heartbeat, self._alive)
        self.parts.link.publish(self._alive, data)

    def _draw(self, now_ms: int) -> None:
        parts = self.parts
        places = parts.layout.place(parts.screens.rows(self.mind, now_ms), now_ms)
        if places is not None:
            parts.display.draw(places, now_ms)
        parts.display.step(now_ms)
        if parts.display.faulty != self._screen_faulty:
            self._screen_faulty = parts.display.faulty
            if self._screen_faulty:
                report = (seat.SERVICE, seat.REPORT_SCREEN_FAULT, DETAIL_SCREEN)
                for effect in self.mind.step([report], now_ms):
                    self._perform(effect, now_ms)

    # -- sleep

    def _next_thought(self, now_ms: int) -> int:
        """When the mind or the screen has work although nothing happens."""
        parts = self.parts
        nearest_ms = ticks_add(now_ms, THINK_MS)
        for deadline_ms in (
            self.mind.next_deadline_ms(now_ms),
            parts.layout.next_deadline_ms(now_ms),
            parts.display.next_deadline_ms(now_ms),
        ):
            if deadline_ms is not None and ticks_diff(deadline_ms, nearest_ms) < 0:
                nearest_ms = deadline_ms
        return nearest_ms

    def _sleep_ms(self, now_ms: int, up_ms: int) -> int:
        """How long until the nearest deadline of anybody; 0 when there is work."""
        parts = self.parts
        sleep_ms = min(parts.wait_slice_ms, ticks_diff(self._heartbeat_ms, now_ms))
        for deadline_ms in (
            self._think_ms,
            parts.debounce.next_deadline_ms(),
            parts.reader.next_deadline_ms(now_ms),
            self.mind.outbox.next_deadline_ms(now_ms) if self._link_up else None,
            parts.lamps.next_deadline_ms(now_ms),
            parts.buzzer.next_deadline_ms(now_ms),
        ):
            if deadline_ms is not None:
                sleep_ms = min(sleep_ms, ticks_diff(deadline_ms, now_ms))
        link_ms = parts.link.next_deadline_ms(up_ms)
        if link_ms is not None:
            sleep_ms = min(sleep_ms, link_ms - up_ms)
        return max(0, sleep_ms)
