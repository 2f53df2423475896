"""The `select` module of the simulated board: waiting is where its interrupts come in.

On a board, `poll` asks every stream again after each interrupt. Here interrupts are frames on
standard input, so sockets and standard input wait together in the operating system, and streams
written in Python (a UART, the firmware's own ring of button edges) are asked before and after.
"""

import io
import select as _system
import sys
import time

import machine

POLLIN = _system.POLLIN
POLLOUT = _system.POLLOUT
POLLERR = _system.POLLERR
POLLHUP = _system.POLLHUP
_MP_STREAM_POLL = 3


class poll:
    """Same methods as MicroPython's poll object."""

    def __init__(self):
        self._system = _system.poll()
        self._system.register(sys.stdin, POLLIN)
        self._streams = []

    def register(self, stream, events=POLLIN | POLLOUT):
        if isinstance(stream, io.IOBase):
            for entry in self._streams:
                if entry[0] is stream:
                    entry[1] = events
                    return
            self._streams.append([stream, events])
        else:
            self._system.register(stream, events)

    def unregister(self, stream):
        for index in range(len(self._streams)):
            if self._streams[index][0] is stream:
                del self._streams[index]
                return
        self._system.unregister(stream)

    def modify(self, stream, events):
        if isinstance(stream, io.IOBase):
            self.register(stream, events)
        else:
            self._system.modify(stream, events)

    def poll(self, timeout=-1):
        machine._flush()
        end_ms = time.ticks_add(time.ticks_ms(), timeout) if timeout >= 0 else 0
        while True:
            ready = self._ready_streams()
            wait_ms = timeout
            if ready:
                wait_ms = 0
            elif timeout > 0:
                wait_ms = max(0, time.ticks_diff(end_ms, time.ticks_ms()))
            interrupted = False
            for entry in self._system.poll(wait_ms):
                if entry[0] is sys.stdin:
                    interrupted = True
                else:
                    ready.append((entry[0], entry[1]))
            if interrupted:
                machine._pump()
                ready += self._ready_streams()
            if ready or wait_ms == 0:
                return ready
            if timeout > 0 and time.ticks_diff(end_ms, time.ticks_ms()) <= 0:
                return ready

    def ipoll(self, timeout=-1, flags=0):
        return iter(self.poll(timeout))

    def _ready_streams(self):
        ready = []
        for stream, events in self._streams:
            found = stream.ioctl(_MP_STREAM_POLL, events)
            if found > 0:
                ready.append((stream, found))
        return ready
