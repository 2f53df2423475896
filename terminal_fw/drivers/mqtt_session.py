"""The conversation of a seat with a broker on one connection, without the connection.

Promises: a pure state machine, ``(state, bytes or an instant) -> bytes to send, payloads``; it
queues at most ``SEND_BYTES_MAX`` bytes; it notices a silent peer within ``PING_AFTER_MS +
PING_ANSWER_MS``; after an ``MqttError`` it must not be used again. Knows no socket and no clock:
instants are given, in milliseconds that never wrap.
"""

from terminal_fw.drivers import mqtt_packets as packets
from terminal_fw.drivers.mqtt_packets import MqttError

KEEP_ALIVE_S = 5  # told to the broker, which gives a silent seat up after 1.5 times this
HANDSHAKE_MS = 3500  # TLS, CONNACK and SUBACK together
PING_AFTER_MS = 2000  # nothing was received for so long
SILENT_MS = 3500  # nothing was sent for so long; less than the keep-alive
PING_ANSWER_MS = 1500
RECEIVED_PACKET_BYTES_MAX = 768  # a view (512) with its topic, and some room
SEND_BYTES_MAX = 2048

# Why a conversation ended, besides the reasons of mqtt_packets.
HANDSHAKE_TIMEOUT = "handshake_timeout"
NO_PING_ANSWER = "no_ping_answer"
CONNECT_REFUSED = "connect_refused_by_broker"
SUBSCRIBE_REFUSED = "subscribe_refused_by_broker"

_SUBSCRIBE_ID = 1

_AWAIT_CONNACK = 0
_AWAIT_SUBACK = 1
_CONNECTED = 2


class Session:
    """One conversation: made when the connection is there, forgotten when it ends."""

    def __init__(self, settings, now_ms: int):
        """``settings``: client_id, down_topic, alive_topic and will, as of ``LinkSettings``."""
        self.oversized = 0  # messages too large for this seat: skipped
        self.foreign = 0  # messages of a topic that this seat did not ask for: dropped
        self._topic = settings.down_topic
        self._topic_bytes = settings.down_topic.encode()
        self._reader = packets.PacketReader(RECEIVED_PACKET_BYTES_MAX)
        self._state = _AWAIT_CONNACK
        self._since_ms = now_ms
        self._received_ms = now_ms
        self._sent_ms = now_ms
        self._ping_ms = None
        self._outgoing = []
        self._outgoing_bytes = 0
        self._queue(
            packets.connect(settings.client_id, KEEP_ALIVE_S, settings.alive_topic, settings.will)
        )

    @property
    def connected(self) -> bool:
        """Whether the broker accepted the seat and its subscription."""
        return self._state == _CONNECTED

    def publish(self, topic: str, payload: bytes, now_ms: int) -> bool:
        """Queue a message; False: not connected, or too much is waiting already."""
        if self._state != _CONNECTED:
            return False
        packet = packets.publish(topic, payload)
        if self._outgoing_bytes + len(packet) > SEND_BYTES_MAX:
            return False
        self._queue(packet)
        self._sent_ms = now_ms
        return True

    def outgoing(self):
        """The bytes to write next (empty: none). They stay the same object and length until
        ``written`` is told of progress: TLS demands that a write be repeated unchanged."""
        return self._outgoing[0] if self._outgoing else b""

    def written(self, count: int) -> None:
        """The first ``count`` bytes of ``outgoing`` are on their way."""
        self._outgoing_bytes -= count
        if count == len(self._outgoing[0]):
            self._outgoing.pop(0)
        else:
            self._outgoing[0] = memoryview(self._outgoing[0])[count:]

    def receive(self, chunk, now_ms: int) -> list:
        """Take bytes from the broker; return ``(topic, payload)`` of the messages completed."""
        self._received_ms = now_ms
        self._ping_ms = None
        messages = []
        for packet in self._reader.feed(chunk):
            kind = packet[0]
            if kind == packets.CONNACK:
                self._take_connack(packet[1], now_ms)
            elif kind == packets.SUBACK:
                self._take_suback(packet[1], packet[2])
            elif self._state == _AWAIT_CONNACK:
                raise MqttError(packets.UNEXPECTED_PACKET)
            elif kind == packets.OVERSIZED:
                self.oversized += 1
            elif kind == packets.PUBLISH:
                if packet[1] == self._topic_bytes:
                    messages.append((self._topic, packet[2]))
                else:
                    self.foreign += 1
        return messages

    def check_time(self, now_ms: int) -> None:
        """Queue a ping when it is due; raise ``MqttError`` when the peer was silent too long.
        Call it after everything received was told: a late step must not blame the broker."""
        if now_ms < self.next_deadline_ms():
            return
        if self._state != _CONNECTED:
            raise MqttError(HANDSHAKE_TIMEOUT)
        if self._ping_ms is not None:
            raise MqttError(NO_PING_ANSWER)
        self._queue(packets.PINGREQ_BYTES)
        self._ping_ms = now_ms
        self._sent_ms = now_ms

    def next_deadline_ms(self) -> int:
        """When ``check_time`` must be called at the latest."""
        if self._state != _CONNECTED:
            return self._since_ms + HANDSHAKE_MS
        if self._ping_ms is not None:
            return self._ping_ms + PING_ANSWER_MS
        return min(self._received_ms + PING_AFTER_MS, self._sent_ms + SILENT_MS)

    def _take_connack(self, code: int, now_ms: int) -> None:
        if self._state != _AWAIT_CONNACK:
            raise MqttError(packets.UNEXPECTED_PACKET)
        if code != 0:
            raise MqttError(CONNECT_REFUSED)
        self._queue(packets.subscribe(_SUBSCRIBE_ID, self._topic))
        self._sent_ms = now_ms
        self._state = _AWAIT_SUBACK

    def _take_suback(self, packet_id: int, granted: int) -> None:
        if self._state != _AWAIT_SUBACK or packet_id != _SUBSCRIBE_ID:
            raise MqttError(packets.UNEXPECTED_PACKET)
        if granted != 0:
            raise MqttError(SUBSCRIBE_REFUSED)
        self._state = _CONNECTED

    def _queue(self, packet: bytes) -> None:
        self._outgoing.append(packet)
        self._outgoing_bytes += len(packet)
