"""The conversation on one connection: order, time limits, bounds. No socket, no clock."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from terminal_fw.drivers import mqtt_packets as packets
from terminal_fw.drivers import mqtt_session as session_module
from terminal_fw.drivers.mqtt_packets import MqttError
from terminal_fw.drivers.mqtt_session import Session

SETTINGS = SimpleNamespace(client_id="s01", down_topic="a/d", alive_topic="a/w", will=b"\x00")
CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x00"
PINGRESP = b"\xd0\x00"


def sent(session: Session) -> bytes:
    """Take everything that waits to be sent."""
    data = b""
    while session.outgoing():
        piece = bytes(session.outgoing())
        session.written(len(piece))
        data += piece
    return data


def connected(now_ms: int = 0) -> Session:
    session = Session(SETTINGS, now_ms)
    session.receive(CONNACK + SUBACK, now_ms)
    sent(session)
    assert session.connected
    return session


def reason(session: Session, chunk: bytes) -> str:
    with pytest.raises(MqttError) as refused:
        session.receive(chunk, 0)
    return refused.value.reason


def test_connect_is_sent_first_and_the_subscription_after_its_acceptance() -> None:
    session = Session(SETTINGS, 0)
    assert sent(session) == packets.connect("s01", 5, "a/w", b"\x00")
    assert not session.connected
    session.receive(CONNACK, 10)
    assert sent(session) == packets.subscribe(1, "a/d")
    assert not session.connected
    session.receive(SUBACK, 20)
    assert session.connected
    assert sent(session) == b""


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 255])
def test_a_refused_connect_ends_the_conversation(code: int) -> None:
    session = Session(SETTINGS, 0)
    assert reason(session, bytes((0x20, 2, 0, code))) == "connect_refused_by_broker"


@pytest.mark.parametrize("granted", [1, 2, 0x80])
def test_a_subscription_that_is_not_granted_as_asked_ends_the_conversation(granted: int) -> None:
    session = Session(SETTINGS, 0)
    session.receive(CONNACK, 0)
    assert reason(session, bytes((0x90, 3, 0, 1, granted))) == "subscribe_refused_by_broker"


@pytest.mark.parametrize(
    "chunk",
    [SUBACK, PINGRESP, packets.publish("a/d", b"x"), packets.publish("a/d", bytes(2000))],
    ids=["suback", "pingresp", "publish", "oversized publish"],
)
def test_nothing_may_come_before_the_connack(chunk: bytes) -> None:
    assert reason(Session(SETTINGS, 0), chunk) == "unexpected_packet"


def test_a_second_connack_a_second_suback_and_a_foreign_suback_are_refused() -> None:
    assert reason(connected(), CONNACK) == "unexpected_packet"
    assert reason(connected(), SUBACK) == "unexpected_packet"
    session = Session(SETTINGS, 0)
    session.receive(CONNACK, 0)
    assert reason(session, b"\x90\x03\x00\x02\x00") == "unexpected_packet"


def test_a_retained_view_that_overtakes_the_suback_is_taken() -> None:
    session = Session(SETTINGS, 0)
    view = packets.publish("a/d", b"view")
    assert session.receive(CONNACK + view + SUBACK, 0) == [("a/d", b"view")]
    assert session.connected


def test_messages_of_the_own_topic_come_out_and_others_are_counted() -> None:
    session = connected()
    stream = packets.publish("a/d", b"1") + packets.publish("a/other", b"2")
    stream += packets.publish("a/d", bytes(session_module.RECEIVED_PACKET_BYTES_MAX))
    stream += packets.publish("a/d", b"3")
    assert session.receive(stream, 5) == [("a/d", b"1"), ("a/d", b"3")]
    assert (session.foreign, session.oversized) == (1, 1)
    assert session.connected


def test_a_view_of_the_largest_allowed_size_with_the_longest_topic_fits() -> None:
    topic = "hall/" + "h" * 16 + "/seat/" + "t" * 16 + "/down"
    settings = SimpleNamespace(client_id="s", down_topic=topic, alive_topic="w", will=b"")
    session = Session(settings, 0)
    session.receive(CONNACK + SUBACK, 0)
    assert session.receive(packets.publish(topic, bytes(512)), 1) == [(topic, bytes(512))]


def test_publishing_without_a_connection_is_refused() -> None:
    session = Session(SETTINGS, 0)
    assert session.publish("a/u", b"x", 0) is False
    session.receive(CONNACK, 0)
    assert session.publish("a/u", b"x", 0) is False


def test_the_send_buffer_is_bounded_and_refuses_what_is_too_much() -> None:
    session = connected()
    taken = 0
    while session.publish("a/u", bytes(300), 0):
        taken += 1
    assert taken == 6
    assert session.publish("a/u", bytes(60), 0) is True
    assert len(sent(session)) <= session_module.SEND_BYTES_MAX
    assert session.publish("a/u", bytes(300), 0) is True
    assert connected().publish("a/u", bytes(3000), 0) is False


def test_a_partly_written_packet_goes_on_where_it_stopped_and_before_later_ones() -> None:
    session = connected()
    session.publish("a/u", b"first", 0)
    session.publish("a/u", b"second", 0)
    expected = packets.publish("a/u", b"first") + packets.publish("a/u", b"second")
    head = session.outgoing()
    session.publish("a/u", b"third", 0)
    assert session.outgoing() is head
    session.written(4)
    rest = session.outgoing()
    assert session.outgoing() is rest
    assert (expected[:4] + sent(session)).startswith(expected)
    while session.publish("a/u", bytes(300), 0):
        continue
    assert len(sent(session)) == 6 * len(packets.publish("a/u", bytes(300)))


def test_a_handshake_that_takes_too_long_is_given_up() -> None:
    session = Session(SETTINGS, 1000)
    assert session.next_deadline_ms() == 1000 + session_module.HANDSHAKE_MS
    session.receive(CONNACK, 4000)
    session.check_time(4499)
    with pytest.raises(MqttError, match="handshake_timeout"):
        session.check_time(4500)


def test_a_silent_broker_is_asked_and_then_given_up() -> None:
    session = connected(1000)
    assert session.next_deadline_ms() == 3000
    session.check_time(2999)
    assert sent(session) == b""
    session.check_time(3000)
    assert sent(session) == packets.PINGREQ_BYTES
    assert session.next_deadline_ms() == 4500
    session.check_time(4499)
    with pytest.raises(MqttError, match="no_ping_answer"):
        session.check_time(4500)


def test_an_answer_to_the_ping_starts_the_time_anew() -> None:
    session = connected(0)
    session.check_time(2000)
    session.receive(PINGRESP, 3000)
    assert session.next_deadline_ms() == 5000
    session.check_time(4999)
    session.check_time(5000)
    assert sent(session) == packets.PINGREQ_BYTES * 2


def test_a_broker_that_talks_all_the_time_still_hears_from_the_seat_within_the_keep_alive() -> None:
    session = connected(0)
    for now_ms in range(0, 3500, 500):
        session.receive(packets.publish("a/d", b"v"), now_ms)
        session.check_time(now_ms)
    assert sent(session) == b""
    session.receive(packets.publish("a/d", b"v"), 3500)
    session.check_time(3500)
    assert sent(session) == packets.PINGREQ_BYTES
    assert session_module.SILENT_MS < session_module.KEEP_ALIVE_S * 1000


def test_a_seat_that_slept_too_long_asks_before_it_blames_the_broker() -> None:
    session = connected(0)
    session.check_time(60_000)
    assert sent(session) == packets.PINGREQ_BYTES
    session.receive(PINGRESP, 61_000)
    assert session.connected
