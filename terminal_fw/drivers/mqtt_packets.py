"""MQTT 3.1.1 packets of a seat, as bytes: the few it sends and the few it may receive.

Promises: a packet is read from any cutting of the stream into pieces; memory is bounded by the
buffer made at the start, whatever length a packet claims; every packet that the standard or this
seat's own use forbids raises ``MqttError`` with a name from the list below, and nothing else.
Knows no socket, no clock and no topic of Dobush. Runs on MicroPython and CPython.

A seat publishes and subscribes at quality of service 0 only: its signed receipts say what arrived.
"""

# What ``PacketReader.feed`` tells about a packet: the first item of each tuple.
CONNACK = 2  # (CONNACK, return_code)
PUBLISH = 3  # (PUBLISH, topic bytes, payload bytes)
SUBACK = 9  # (SUBACK, packet_id, granted)
PINGRESP = 13  # (PINGRESP,)
OVERSIZED = 16  # (OVERSIZED, claimed_bytes): a PUBLISH too large for the buffer was skipped

PINGREQ_BYTES = b"\xc0\x00"
DISCONNECT_BYTES = b"\xe0\x00"

# Why a packet was refused: the closed list of ``MqttError.reason``.
UNEXPECTED_PACKET = "unexpected_packet"  # a type that no broker sends to this seat
WRONG_FLAGS = "wrong_flags"
WRONG_QUALITY = "wrong_quality_of_service"
ENDLESS_LENGTH = "endless_length"  # a fifth byte of remaining length
WRONG_LENGTH = "wrong_length"
WRONG_TOPIC = "wrong_topic"
WRONG_VALUE = "wrong_value"

_LENGTH_BYTES_MAX = 4
_STRING_BYTES_MAX = 0xFFFF
_REMAINING_MAX = 128**4 - 1

# The first byte of each packet that may come, with its only allowed length (None: any).
_EXPECTED = {0x20: 2, 0x30: None, 0x31: None, 0x90: 3, 0xD0: 0}


class MqttError(Exception):
    """The peer broke the protocol; ``reason`` says how. The connection is to be closed."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def connect(client_id: str, keep_alive_s: int, will_topic: str, will_payload: bytes) -> bytes:
    """A CONNECT with a clean session and a last will (quality 0, not retained)."""
    variable = b"\x00\x04MQTT\x04\x06" + keep_alive_s.to_bytes(2, "big")
    will = _string(will_topic.encode()) + _string(will_payload)
    return _packet(0x10, variable + _string(client_id.encode()) + will)


def subscribe(packet_id: int, topic: str) -> bytes:
    """A SUBSCRIBE of one topic at quality 0."""
    return _packet(0x82, packet_id.to_bytes(2, "big") + _string(topic.encode()) + b"\x00")


def publish(topic: str, payload: bytes) -> bytes:
    """A PUBLISH at quality 0, not retained."""
    return _packet(0x30, _string(topic.encode()) + payload)


def _packet(first: int, body: bytes) -> bytes:
    length = len(body)
    if length > _REMAINING_MAX:
        raise ValueError("packet too long")
    header = bytearray((first,))
    while True:
        length, digit = length >> 7, length & 0x7F
        header.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(header) + body


def _string(text: bytes) -> bytes:
    if len(text) > _STRING_BYTES_MAX:
        raise ValueError("string too long")
    return len(text).to_bytes(2, "big") + text


class PacketReader:
    """Cuts a stream of bytes into packets; after an ``MqttError`` it must not be used again."""

    def __init__(self, packet_bytes_max: int):
        """``packet_bytes_max`` bounds the part after the length; longer PUBLISHes are skipped."""
        self._body = bytearray(packet_bytes_max)
        self._expect_packet()

    def _expect_packet(self) -> None:
        self._first = 0  # no packet starts with zero
        self._length = 0
        self._length_bytes = 0
        self._length_known = False
        self._taken = 0

    def feed(self, chunk: bytes | bytearray | memoryview) -> list:
        """Take the next bytes of the stream; return the packets that they complete, in order."""
        packets = []
        position = 0
        end = len(chunk)
        while position < end:
            if self._length_known:
                position += self._take_body(chunk, position)
            else:
                self._take_header(chunk[position])
                position += 1
            if self._length_known and self._taken == self._length:
                packets.append(self._complete())
                self._expect_packet()
        return packets

    def _take_header(self, byte: int) -> None:
        if self._first == 0:
            _check_first_byte(byte)
            self._first = byte
            return
        self._length |= (byte & 0x7F) << (7 * self._length_bytes)
        self._length_bytes += 1
        if byte & 0x80:
            if self._length_bytes == _LENGTH_BYTES_MAX:
                raise MqttError(ENDLESS_LENGTH)
            return
        allowed = _EXPECTED[self._first]
        if allowed is not None and self._length != allowed:
            raise MqttError(WRONG_LENGTH)
        self._length_known = True

    def _take_body(self, chunk, position: int) -> int:
        count = min(self._length - self._taken, len(chunk) - position)
        if self._length <= len(self._body):
            self._body[self._taken : self._taken + count] = chunk[position : position + count]
        self._taken += count
        return count

    def _complete(self) -> tuple:
        body = self._body
        kind = self._first >> 4
        if kind == CONNACK:
            if body[0] > 1 or (body[0] == 1 and body[1] != 0):
                raise MqttError(WRONG_VALUE)
            return (CONNACK, body[1])
        if kind == SUBACK:
            return (SUBACK, body[0] << 8 | body[1], body[2])
        if kind == PINGRESP:
            return (PINGRESP,)
        if self._length > len(body):
            return (OVERSIZED, self._length)
        return self._publish()

    def _publish(self) -> tuple:
        if self._length < 2:
            raise MqttError(WRONG_LENGTH)
        topic_end = 2 + (self._body[0] << 8 | self._body[1])
        if topic_end == 2 or topic_end > self._length:
            raise MqttError(WRONG_TOPIC)
        return (
            PUBLISH,
            bytes(self._body[2:topic_end]),
            bytes(self._body[topic_end : self._length]),
        )


def _check_first_byte(byte: int) -> None:
    if byte in _EXPECTED:
        return
    kind = byte >> 4
    if kind == PUBLISH:
        # Quality 0 never repeats, so a set DUP flag is as wrong as any other quality.
        raise MqttError(WRONG_QUALITY if byte & 0x06 else WRONG_FLAGS)
    if kind in (CONNACK, SUBACK, PINGRESP):
        raise MqttError(WRONG_FLAGS)
    raise MqttError(UNEXPECTED_PACKET)
