"""The `machine` module of the simulated board: pins, UART, I2C, watchdog and reset.

Promises the part of MicroPython's machine API that the seat's firmware uses, and nothing of the
seat itself. What happens at a pin or a bus crosses to the host as frames `[kind][length][payload]`
on standard output; what the host does to the board arrives as frames on standard input. Frames are
taken in only where a board would take an interrupt: while it waits, or when a line is read. Output
is collected and leaves the board when it waits, in the order in which it was made.
"""

import io
import select as _select
import sys

from micropython import const

# host -> board
_POWER = const(0x01)
_PIN_LEVEL = const(0x02)
_UART_INPUT = const(0x03)
# board -> host
_PIN_OUTPUT = const(0x11)
_UART_OUTPUT = const(0x12)
_I2C_WRITE = const(0x13)
_WATCHDOG = const(0x14)

_MP_STREAM_POLL = const(3)
_POLLIN = const(1)
_POLLOUT = const(4)
_ENODEV = const(19)
_OUTPUT_BYTES_MAX = const(2048)
_UART_BYTES_MAX = const(512)
_RESET_EXIT_CODE = const(75)

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_stdin = sys.stdin.buffer
_stdout = sys.stdout.buffer
_waiting = _select.poll()
_waiting.register(sys.stdin, _POLLIN)
_output = bytearray()
_pumping = False
_header = bytearray(3)
_pins = {}
_uarts = {}


def _send(kind, payload):
    if len(_output) + len(payload) + 3 > _OUTPUT_BYTES_MAX:
        _flush()
    _output.append(kind)
    _output.append(len(payload) >> 8)
    _output.append(len(payload) & 0xFF)
    _output.extend(payload)


def _flush():
    global _output
    if _output:
        _stdout.write(_output)
        _output = bytearray()


def _read_frame():
    if _stdin.readinto(_header) != 3:
        sys.exit(0)  # the host is gone: the board has no supply any more
    length = _header[1] << 8 | _header[2]
    return _header[0], _stdin.read(length) if length else b""


def _pump():
    """Takes in every frame that waits: calls pin handlers, fills UART buffers.

    A handler that reads its pin sees the level of its own edge: frames wait while one is handled.
    """
    global _pumping
    if _pumping:
        return
    _pumping = True
    try:
        _take_frames()
    finally:
        _pumping = False


def _take_frames():
    while _waiting.poll(0):
        kind, payload = _read_frame()
        if kind == _PIN_LEVEL:
            pin = _pins.get(payload[0])
            if pin is not None:
                pin._level_from_outside(payload[1])
        elif kind == _UART_INPUT:
            uart = _uarts.get(payload[0])
            if uart is not None:
                uart._bytes_from_outside(payload[1:])


_kind, _power = _read_frame()
if _kind != _POWER:
    raise RuntimeError("the host did not say how the board was powered")
_reset_cause = _power[0]
_unique_id = _power[1:9]
_i2c_addresses = _power[9:]


class Pin:
    """One pin; as an input its level belongs to the outside and defaults to the pull-up's."""

    IN = 0
    OUT = 1
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_FALLING = 4
    IRQ_RISING = 8

    def __init__(self, number, mode=-1, pull=-1, *, value=None):
        self._number = number
        self._level = 1 if pull == Pin.PULL_UP else 0
        self._handler = None
        self._trigger = 0
        _pins[number] = self
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        self._mode = mode
        if mode == Pin.OUT:
            self.value(0 if value is None else value)

    def value(self, level=None):
        if level is None:
            if self._mode != Pin.OUT:
                _pump()
            return self._level
        self._level = 1 if level else 0
        _send(_PIN_OUTPUT, bytes((self._number, self._level)))
        return None

    __call__ = value

    def irq(self, handler=None, trigger=12, **_options):
        self._handler = handler
        self._trigger = trigger

    def _level_from_outside(self, level):
        if level == self._level:
            return
        self._level = level
        edge = Pin.IRQ_RISING if level else Pin.IRQ_FALLING
        if self._handler is not None and self._trigger & edge:
            self._handler(self)


class UART(io.IOBase):
    """One UART with a bounded receive buffer; what does not fit is lost, as on the chip."""

    def __init__(self, number, baudrate=9600, **_options):
        self._number = number
        self._received = bytearray()
        _uarts[number] = self

    def init(self, baudrate=9600, **_options):
        pass

    def _bytes_from_outside(self, data):
        room = _UART_BYTES_MAX - len(self._received)
        self._received.extend(data[:room])

    def any(self):
        _pump()
        return len(self._received)

    def read(self, count=-1):
        _pump()
        if not self._received:
            return None
        if count < 0 or count > len(self._received):
            count = len(self._received)
        data = bytes(self._received[:count])
        self._received = self._received[count:]
        return data

    def write(self, data):
        _send(_UART_OUTPUT, bytes((self._number,)) + bytes(data))
        return len(data)

    def ioctl(self, request, argument):
        if request != _MP_STREAM_POLL:
            return -1
        return argument & ((_POLLIN if self._received else 0) | _POLLOUT)


class I2C:
    """An I2C bus that writes to the chips which the host says are on it."""

    def __init__(self, number, *, scl=None, sda=None, freq=400000):
        self._number = number

    def scan(self):
        return list(_i2c_addresses)

    def writeto(self, address, data, stop=True):
        if address not in _i2c_addresses:
            raise OSError(_ENODEV)
        _send(_I2C_WRITE, bytes((self._number, address)) + bytes(data))
        return len(data)

    def writevto(self, address, parts, stop=True):
        return self.writeto(address, b"".join(bytes(part) for part in parts))


class WDT:
    """The watchdog: its time-out and its feedings are told to the host, which bites."""

    def __init__(self, id=0, timeout=5000):
        _send(_WATCHDOG, timeout.to_bytes(4, "big"))

    def feed(self):
        _send(_WATCHDOG, b"")


def reset_cause():
    return _reset_cause


def unique_id():
    return _unique_id


def reset():
    _flush()
    sys.exit(_RESET_EXIT_CODE)


def idle():
    _pump()
