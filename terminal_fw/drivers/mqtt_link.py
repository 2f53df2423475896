"""A seat's link to its broker: MQTT over mutual TLS that comes back by itself and never blocks.

Promises: ``step`` and ``publish`` never wait for the network, whatever the broker does (frozen,
gone, half-open, flooding); buffers are bounded; a broker whose certificate is of another
authority, of another name or expired gets nothing but refusals; a lost connection is tried again
after a jittered pause of ``RETRY_FIRST_MS``/2 to ``RETRY_MAX_MS``. A message is sent at most once:
the outbox above repeats what no receipt answered. Knows nothing of what the payloads mean.

Instants are milliseconds that never wrap; they and the random numbers are given.

    settings = LinkSettings(host, port, broker_name, client_id, down, alive, b"\\x00",
                            tls_context(authority_der, certificate_der, key_der))
    link = Link(settings, poller, random_below)
    while True:
        for topic, payload in link.step(now_ms()): ...
        link.publish(up, event)                       # False: later, or never: ask again
        poller.poll(max(0, link.next_deadline_ms(now_ms()) - now_ms()))
"""

import errno
import gc
import select
import socket
from collections import namedtuple

import tls

from terminal_fw.drivers.mqtt_packets import DISCONNECT_BYTES, MqttError
from terminal_fw.drivers.mqtt_session import Session

CONNECT_MS = 1500  # for the TCP connection; TLS and MQTT have HANDSHAKE_MS of mqtt_session
RETRY_FIRST_MS = 400  # a pause is the half of its step to the whole of it, at random
RETRY_MAX_MS = 3000
STEADY_MS = 2000  # a connection that lasted so long starts the pauses again from the first
READ_BYTES = 512  # one read
READS_PER_STEP_MAX = 4
WRITES_PER_STEP_MAX = 8

# Why the newest attempt or connection ended (``Link.last_failure``), besides the reasons of
# mqtt_packets and mqtt_session.
NONE_YET = ""
CONNECT_TIMEOUT = "connect_timeout"
CONNECT_FAILED = "connect_failed"
BROKER_CERTIFICATE = "broker_certificate_refused"
CLOSED_BY_BROKER = "closed_by_broker"
CONNECTION_BROKEN = "connection_broken"

_X509_VERIFY_FAILED = -0x2700  # MBEDTLS_ERR_X509_CERT_VERIFY_FAILED
_IPPROTO_TCP = 6
_TCP_NODELAY = 1

_WAITING = 0
_CONNECTING = 1
_TALKING = 2
_CLOSED = 3

LinkSettings = namedtuple(
    "LinkSettings",
    (
        "host",  # an IPv4 address: a name would need a look-up, and a look-up blocks
        "port",
        "broker_name",  # what the broker's certificate must say
        "client_id",
        "down_topic",  # the one topic that is subscribed
        "alive_topic",  # where the broker publishes the last will
        "will",  # bytes
        "context",  # of ``tls_context``
    ),
)


def tls_context(authority: bytes, certificate: bytes, private_key: bytes):
    """A context for mutual TLS from three DER files; it keeps its own copies of them."""
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    context.load_verify_locations(authority)
    context.load_cert_chain(certificate, private_key)
    return context


class Link:
    """The link of one seat. Its socket is kept registered in the poller that it is given, so the
    program sleeps in ``poller.ipoll(...)`` until ``next_deadline_ms`` and then calls ``step``."""

    def __init__(self, settings: LinkSettings, poller, random_below):
        """``random_below(n)`` gives an integer from 0 to n - 1. Nothing is connected before the
        first ``step``."""
        parts = settings.host.split(".")
        if len(parts) != 4 or not all(part.isdigit() and int(part) < 256 for part in parts):
            raise ValueError("host must be an IPv4 address")
        self.last_failure = NONE_YET
        self.attempts = 0
        self.connections = 0
        self._oversized = 0
        self._foreign = 0
        self._settings = settings
        self._poller = poller
        self._random_below = random_below
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._state = _WAITING
        self._now_ms = 0
        self._started_ms = 0
        self._connected_ms = None
        self._next_attempt_ms = None  # None: at once
        self._failures = 0
        self._fault = None  # found by publish, told by the next step
        self._more = False  # the last step left bytes unread or unwritten on purpose
        self._forget_connection()

    @property
    def connected(self) -> bool:
        """Whether messages can be sent and the seat's topic is subscribed."""
        return self._state == _TALKING and self._fault is None and self._session.connected

    @property
    def oversized(self) -> int:
        """How many messages were skipped because they were too large for this seat."""
        return self._oversized + (self._session.oversized if self._session else 0)

    @property
    def foreign(self) -> int:
        """How many messages were dropped because this seat did not ask for their topic."""
        return self._foreign + (self._session.foreign if self._session else 0)

    def step(self, now_ms: int) -> list:
        """Do what can be done without waiting; return the received ``(topic, payload)``s."""
        self._now_ms = now_ms
        self._more = False
        messages = []
        try:
            if self._state == _WAITING and self._attempt_due():
                self._start_connecting()
            if self._state == _CONNECTING:
                self._finish_connecting()
            if self._state == _TALKING:
                self._talk(messages)
        except MqttError as error:
            self._end_connection(error.reason)
        except (OSError, ValueError) as error:
            self._end_connection(_failure_name(error, self._state))
        return messages

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send a message; False: there is no connection, or too much is waiting already. True is
        no promise that it arrives."""
        if not self.connected or not self._session.publish(topic, payload, self._now_ms):
            return False
        try:
            self._write()
        except (OSError, ValueError) as error:
            self._fault = _failure_name(error, self._state)
            return False
        return True

    def next_deadline_ms(self, now_ms: int) -> int | None:
        """When ``step`` must be called even if the poller is silent; None: never (closed)."""
        if self._state == _CLOSED:
            return None
        if self._state == _WAITING:
            return now_ms if self._next_attempt_ms is None else self._next_attempt_ms
        if self._state == _CONNECTING:
            return self._started_ms + CONNECT_MS
        if self._more or self._fault is not None:
            return now_ms
        return self._session.next_deadline_ms()

    def close(self) -> None:
        """Say good-bye, so that the last will is not published, and stay closed."""
        if self.connected and not self._session.outgoing():
            try:
                self._stream.write(DISCONNECT_BYTES)
            except (OSError, ValueError):
                pass  # a broken connection needs no good-bye
        self._close_sockets()
        self._state = _CLOSED

    # --- connecting

    def _attempt_due(self) -> bool:
        return self._next_attempt_ms is None or self._now_ms >= self._next_attempt_ms

    def _start_connecting(self) -> None:
        gc.collect()  # the buffers of the last TLS connection are large: give them back first
        self.attempts += 1
        self._started_ms = self._now_ms
        self._state = _CONNECTING
        address = socket.getaddrinfo(self._settings.host, self._settings.port)[0][-1]
        self._socket = socket.socket()
        self._socket.setblocking(False)
        # Without this a small message waits for the acknowledgement of the one before: 40 ms.
        self._socket.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        try:
            self._socket.connect(address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        # The shared poller's events do not come here, so the link asks for itself, too.
        self._connect_poll = select.poll()
        self._connect_poll.register(self._socket, select.POLLOUT)
        self._want(select.POLLOUT)

    def _finish_connecting(self) -> None:
        ready = self._connect_poll.poll(0)
        if not ready:
            if self._now_ms - self._started_ms >= CONNECT_MS:
                raise MqttError(CONNECT_TIMEOUT)
            return
        if ready[0][1] & (select.POLLERR | select.POLLHUP):
            raise MqttError(CONNECT_FAILED)
        self._connect_poll = None
        # The handshake is driven by the write of the first packet, a piece in each step.
        self._stream = self._settings.context.wrap_socket(
            self._socket,
            server_hostname=self._settings.broker_name,
            do_handshake_on_connect=False,
        )
        self._want(select.POLLIN)
        self._session = Session(self._settings, self._now_ms)
        self._secured = False
        self._state = _TALKING

    # --- talking

    def _talk(self, messages: list) -> None:
        if self._fault is not None:
            raise MqttError(self._fault)
        was_connected = self._session.connected
        self._write()
        if self._secured:
            self._read(messages)
        self._session.check_time(self._now_ms)
        self._write()
        if self._session.connected and not was_connected:
            self.connections += 1
            self._connected_ms = self._now_ms

    def _write(self) -> None:
        stuck = False
        for _ in range(WRITES_PER_STEP_MAX):
            data = self._session.outgoing()
            if not data:
                break
            count = self._stream.write(data)
            if count is None:
                stuck = True
                break
            self._secured = True  # the first packet is out: the handshake is over
            self._session.written(count)
        else:
            self._more = self._more or len(self._session.outgoing()) > 0
        # During the handshake TLS waits for the broker; a socket that could be written would only
        # keep the program awake.
        wanted = select.POLLIN | select.POLLOUT if stuck and self._secured else select.POLLIN
        if wanted != self._wanted:
            self._want(wanted)

    def _read(self, messages: list) -> None:
        # Read until nothing is left: TLS may hold bytes of which the file descriptor knows nothing.
        for _ in range(READS_PER_STEP_MAX):
            count = self._stream.readinto(self._buffer)
            if count is None:
                return
            if count == 0:
                raise MqttError(CLOSED_BY_BROKER)
            messages.extend(self._session.receive(self._buffer[:count], self._now_ms))
        self._more = True

    # --- ending

    def _end_connection(self, failure: str) -> None:
        self.last_failure = failure
        if self._connected_ms is not None and self._now_ms - self._connected_ms >= STEADY_MS:
            self._failures = 0
        step_ms = min(RETRY_FIRST_MS << min(self._failures, 8), RETRY_MAX_MS)
        self._failures += 1
        # A pause counts from the attempt's start, as a frozen broker makes the attempt itself long.
        self._next_attempt_ms = max(
            self._started_ms + self._jittered(step_ms),
            self._now_ms + self._jittered(RETRY_FIRST_MS),
        )
        self._close_sockets()
        self._state = _WAITING

    def _jittered(self, step_ms: int) -> int:
        half = step_ms // 2
        return half + self._random_below(half + 1)

    def _close_sockets(self) -> None:
        if self._wanted:
            self._poller.unregister(self._socket)
        if self._session is not None:
            self._oversized = self.oversized
            self._foreign = self.foreign
        for closable in (self._stream, self._socket):
            if closable is not None:
                try:
                    closable.close()
                except OSError:
                    pass  # it broke before, and that was told
        self._forget_connection()

    def _forget_connection(self) -> None:
        self._socket = None
        self._stream = None
        self._session = None
        self._secured = False
        self._connected_ms = None
        self._connect_poll = None
        self._wanted = 0  # what the poller waits for; 0: the socket is not registered
        self._fault = None

    def _want(self, wanted: int) -> None:
        # The plain socket, never the TLS stream over it: some ports cannot wait for such a stream
        # and look at it each millisecond. What TLS holds back is read before the program sleeps.
        if self._wanted:
            self._poller.unregister(self._socket)
        self._poller.register(self._socket, wanted)
        self._wanted = wanted


def _failure_name(error, state: int) -> str:
    # MicroPython tells a refused certificate as a ValueError or as an OSError, by its cause.
    if isinstance(error, ValueError) or error.args[:1] == (_X509_VERIFY_FAILED,):
        return BROKER_CERTIFICATE
    return CONNECT_FAILED if state == _CONNECTING else CONNECTION_BROKEN
