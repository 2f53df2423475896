"""The bytes of MQTT: what is accepted, what is refused, and that memory stays bounded."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_fw.drivers import mqtt_packets as packets
from tests.soak.brokers import program
from tests.terminal_fw.link import packet_vectors as vectors

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(("name", "text", "expected"), vectors.ACCEPTED)
def test_an_allowed_packet_is_read_from_any_cutting(
    name: str, text: str, expected: list[object]
) -> None:
    data = vectors.unhex(text)
    for piece in range(1, len(data) + 1):
        assert vectors.read_pieces(packets, data, piece) == expected, name


@pytest.mark.parametrize(("name", "text", "reason"), vectors.REFUSED)
def test_a_forbidden_packet_is_refused_by_its_name(name: str, text: str, reason: str) -> None:
    data = vectors.unhex(text)
    for piece in range(1, len(data) + 1):
        assert vectors.refusal(packets, data, piece) == reason, name


def test_both_interpreters_judge_every_vector_alike() -> None:
    micropython = program("micropython")
    if micropython is None:
        pytest.skip("micropython is not installed")
    answer = subprocess.run(
        [micropython, str(Path(vectors.__file__))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "MICROPYPATH": str(REPOSITORY)},
    )
    assert int(answer.stdout) == vectors.check_all(packets)


def test_every_reason_of_the_closed_list_has_a_vector() -> None:
    reasons = {reason for _, _, reason in vectors.REFUSED}
    assert reasons == {
        packets.UNEXPECTED_PACKET, packets.WRONG_FLAGS, packets.WRONG_QUALITY,
        packets.ENDLESS_LENGTH, packets.WRONG_LENGTH, packets.WRONG_TOPIC, packets.WRONG_VALUE,
    }  # fmt: skip


def test_only_five_first_bytes_may_start_a_packet() -> None:
    allowed = []
    for first in range(256):
        try:
            packets.PacketReader(16).feed(bytes((first,)))
            allowed.append(first)
        except packets.MqttError:
            continue
    assert allowed == [0x20, 0x30, 0x31, 0x90, 0xD0]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_give_packets_or_a_named_refusal_and_nothing_else(chunks: list[bytes]) -> None:
    reader = packets.PacketReader(16)
    try:
        for chunk in chunks:
            for packet in reader.feed(chunk):
                assert packet[0] in (2, 3, 9, 13, 16)
    except packets.MqttError as error:
        assert error.reason


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=300)), max_size=6),
    st.integers(1, 97),
)
def test_what_is_published_is_read_back(messages: list[tuple[str, bytes]], piece: int) -> None:
    stream = b"".join(packets.publish(topic, payload) for topic, payload in messages)
    reader = packets.PacketReader(400)
    found = []
    for start in range(0, len(stream), piece):
        found += reader.feed(stream[start : start + piece])
    assert found == [(packets.PUBLISH, topic.encode(), payload) for topic, payload in messages]


def test_a_packet_that_claims_the_largest_length_takes_no_memory() -> None:
    reader = packets.PacketReader(16)
    assert reader.feed(b"\x30\xff\xff\xff\x7f") == []
    for _ in range(100):
        assert reader.feed(bytes(1000)) == []
    assert len(reader._body) == 16


def test_the_packets_that_a_seat_sends_are_those_of_the_standard() -> None:
    assert packets.connect("s01", 5, "a/w", b"\x00") == bytes.fromhex(
        "1017" "00044d515454" "04" "06" "0005" "0003733031" "0003612f77" "000100"
    )  # fmt: skip
    assert packets.subscribe(1, "a/d") == bytes.fromhex("820800010003612f6400")
    assert packets.publish("a/u", b"hi") == bytes.fromhex("30070003612f756869")
    assert packets.publish("a", bytes(130))[:3] == bytes.fromhex("308501")
    assert bytes.fromhex("c000") == packets.PINGREQ_BYTES
    assert bytes.fromhex("e000") == packets.DISCONNECT_BYTES


def test_a_topic_too_long_for_the_standard_is_our_own_error() -> None:
    with pytest.raises(ValueError, match="too long"):
        packets.publish("a" * 65536, b"")
