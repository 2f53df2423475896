"""The seat's side of the soak test: runs under MicroPython, drives the real Link, prints JSON.

    micropython -X heapsize=180k seat_link.py IMAGE FLASH HOST PORT BROKER_NAME [STEADY_MS]

It produces numbered events into a small outbox, sends them, and sends them again until the number
comes back on the down topic: what a seat does with its signed events. Lines ``stop`` (produce no
more) and ``quit`` on the standard input end it.

Measured: each call of ``step`` and ``publish``, once by the wall clock and once without the time
that the process stood in the kernel's run queue (/proc/self/schedstat), because a machine with more
work than cores makes anybody wait; what is left is this program's work and its blocking.
"""

import gc
import json
import os
import select
import sys
import time

IMAGE, FLASH, HOST, PORT, BROKER_NAME = sys.argv[1:6]
sys.path.insert(0, IMAGE)

gc.collect()
_heap_before_import = gc.mem_alloc()
from terminal_fw.drivers import mqtt_link  # noqa: E402 - after the path

gc.collect()
IMPORT_BYTES = gc.mem_alloc() - _heap_before_import

OUTBOX_MAX = 16
PRODUCE_EACH_MS = 150
RESEND_EACH_MS = 400
REPORT_EACH_MS = 500
HEARTBEAT_EACH_MS = 1000
SLOW_US = 50_000
EVENT = bytes(230)  # as large as a signed event


class Watch:
    """Measures calls; ``us`` leaves the wait for a core out, ``wall_us`` does not."""

    def __init__(self):
        self.steps = 0
        self.max_us = 0
        self.max_wall_us = 0
        self.slow = 0
        self.milliseconds = [0] * 64  # how many calls took so many whole milliseconds
        try:
            self._schedule = open("/proc/self/schedstat", "rb")  # noqa: SIM115 - kept open
        except OSError:
            self._schedule = None

    def schedule(self):
        """Nanoseconds on a core, nanoseconds in the run queue, and how often a core was given."""
        if self._schedule is None:
            return (0, 0, 0)
        self._schedule.seek(0)
        return tuple(int(number) for number in self._schedule.read().split())

    def waited_us(self):
        return self.schedule()[1] // 1000

    def call(self, function, *arguments):
        waited = self.waited_us()
        start = time.ticks_us()
        result = function(*arguments)
        wall = time.ticks_diff(time.ticks_us(), start)
        spent = max(0, wall - (self.waited_us() - waited))
        self.steps += 1
        self.max_us = max(self.max_us, spent)
        self.max_wall_us = max(self.max_wall_us, wall)
        self.slow += spent > SLOW_US
        self.milliseconds[min(spent // 1000, 63)] += 1
        return result


class Outbox:
    """Events 1, 2, 3, ... that wait for their number to come back."""

    def __init__(self):
        self.produced = 0
        self.settled = 0
        self.sent = 0
        self.resent = 0
        self._sent_to = 0
        self._last_ms = 0

    def produce(self):
        if self.produced - self.settled < OUTBOX_MAX:
            self.produced += 1

    def settle(self, number):
        self.settled = max(self.settled, min(number, self.produced))
        self._sent_to = max(self._sent_to, self.settled)

    def send(self, publish, now):
        if self.settled < self._sent_to and now - self._last_ms >= RESEND_EACH_MS:
            self._sent_to = self.settled
            self.resent += 1
        while self._sent_to < self.produced:
            number = self._sent_to + 1
            if not publish(number.to_bytes(4, "big") + EVENT):
                return
            self._sent_to = number
            self._last_ms = now
            self.sent += 1


def read(name):
    with open(FLASH + "/" + name, "rb") as file:
        return file.read()


def random_below(limit):
    return int.from_bytes(os.urandom(4), "big") % limit


def say(**line):
    print(json.dumps(line))


def say_state(link, outbox, watch, wakes, now):
    """One line of all that the harness judges."""
    cpu_ns, _, times_on_core = watch.schedule()
    say(
        kind="state",
        at_ms=now,
        connected=link.connected,
        failure=link.last_failure,
        heap=gc.mem_alloc(),
        import_bytes=IMPORT_BYTES,
        wakes=wakes,
        cpu_ms=cpu_ns // 1_000_000,
        times_on_core=times_on_core,
        steps=watch.steps,
        max_us=watch.max_us,
        max_wall_us=watch.max_wall_us,
        slow=watch.slow,
        milliseconds=watch.milliseconds,
        produced=outbox.produced,
        settled=outbox.settled,
        sent=outbox.sent,
        resent=outbox.resent,
        attempts=link.attempts,
        connections=link.connections,
        oversized=link.oversized,
        foreign=link.foreign,
    )


def main():
    if len(sys.argv) > 6:
        mqtt_link.STEADY_MS = int(sys.argv[6])
    start = time.ticks_ms()
    topic = "hall/soak/seat/s01/"
    settings = mqtt_link.LinkSettings(
        HOST,
        int(PORT),
        BROKER_NAME,
        "s01-soak",
        topic + "down",
        topic + "alive",
        b"\x00",
        mqtt_link.tls_context(read("ca.der"), read("client.der"), read("client_key.der")),
    )
    poller = select.poll()
    poller.register(sys.stdin, select.POLLIN)
    link = mqtt_link.Link(settings, poller, random_below)
    watch = Watch()
    outbox = Outbox()
    producing = True
    connected = False
    wakes = 0
    due_produce = due_report = due_heartbeat = 0
    while True:
        now = time.ticks_diff(time.ticks_ms(), start)
        for _topic, payload in watch.call(link.step, now):
            outbox.settle(int.from_bytes(payload[:4], "big"))
        if link.connected != connected:
            connected = link.connected
            say(kind="link", connected=connected, failure=link.last_failure, at_ms=now)
        if now >= due_produce:
            due_produce = now + PRODUCE_EACH_MS
            if producing:
                outbox.produce()
        if now >= due_heartbeat:
            due_heartbeat = now + HEARTBEAT_EACH_MS
            watch.call(link.publish, topic + "alive", bytes(90))
        outbox.send(lambda payload: watch.call(link.publish, topic + "up", payload), now)
        if now >= due_report:
            due_report = now + REPORT_EACH_MS
            gc.collect()
            say_state(link, outbox, watch, wakes, now)
        now = time.ticks_diff(time.ticks_ms(), start)
        next_ms = min(link.next_deadline_ms(now), due_produce, due_report, due_heartbeat)
        for pollable, _ in poller.poll(max(0, next_ms - now)):
            if pollable is sys.stdin:
                order = sys.stdin.readline().strip()
                if order == "stop":
                    producing = False
                elif order == "quit" or not order:
                    link.close()
                    return
        wakes += 1


main()
