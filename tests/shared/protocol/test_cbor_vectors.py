"""The codec takes every accepted vector both ways and refuses every other for its reason."""

from protocol.canonical_cbor import Tagged, decode, encode
from protocol.wire_errors import (
    BAD_TEXT,
    OUT_OF_RANGE,
    OVERSIZED,
    WRONG_SHAPE,
    WireError,
)
from tests.shared.protocol.vector_cases import load, same, value_of


def refusal(act, *arguments):
    """The reason for which `act` is refused, or None."""
    try:
        act(*arguments)
    except WireError as refused:
        return refused.reason
    return None


def test_accepted_values_have_the_encoding_of_the_vector():
    for case in load("accepted/cbor.json")["cases"]:
        assert encode(value_of(case["value"])).hex() == case["hex"], case["name"]


def test_accepted_bytes_decode_to_the_value_of_the_vector():
    for case in load("accepted/cbor.json")["cases"]:
        found = decode(bytes.fromhex(case["hex"]))
        assert same(found, value_of(case["value"])), case["name"]


def test_rejected_bytes_are_refused_for_the_reason_of_the_vector():
    for case in load("rejected/cbor.json")["cases"]:
        try:
            found = decode(bytes.fromhex(case["hex"]))
        except WireError as refused:
            assert refused.name == case["reason"], case["name"] + ": " + str(refused)
        else:
            raise AssertionError(f"decoded to {found!r}: " + case["name"])


def test_every_cut_of_an_accepted_encoding_is_truncated_and_every_addition_trails():
    whole = encode([1, -300, bytes(30), "ңөү", {1: [None, True]}, Tagged(18, [2**40])])
    for length in range(len(whole)):
        try:
            decode(whole[:length])
        except WireError as refused:
            assert refused.name == "truncated", length
        else:
            raise AssertionError(f"a cut of {length} bytes decoded")
    for byte in range(256):
        try:
            decode(whole + bytes([byte]))
        except WireError as refused:
            assert refused.name == "trailing_bytes", byte
        else:
            raise AssertionError("a trailing byte was ignored")


def test_no_two_or_three_bytes_decode_unless_they_are_their_value_s_encoding():
    for first in range(256):
        for second in range(0, 256, 3):
            for data in (bytes([first, second]), bytes([first, second, 0x61])):
                try:
                    value = decode(data)
                except WireError:
                    continue
                assert encode(value) == data, data


def test_a_value_outside_the_subset_is_not_encoded():
    assert refusal(encode, 1.0) == WRONG_SHAPE
    assert refusal(encode, {"a": 1}) == WRONG_SHAPE
    assert refusal(encode, {True: 1}) == WRONG_SHAPE
    assert refusal(encode, {(1,): 1}) == WRONG_SHAPE
    assert refusal(encode, Tagged(16, [])) == WRONG_SHAPE
    assert refusal(encode, bytearray(1)) == WRONG_SHAPE
    assert refusal(encode, 1 << 64) == OUT_OF_RANGE
    assert refusal(encode, -(1 << 64) - 1) == OUT_OF_RANGE
    assert refusal(encode, [[[[[[[]]]]]]]) == OUT_OF_RANGE
    assert refusal(encode, "\ud800") == BAD_TEXT


def test_a_map_is_encoded_in_order_whatever_the_interpreter_s_own_order():
    keys = [24, -1, 300, 0, -25, 23, 5]
    found = encode(dict.fromkeys(keys))
    assert found == encode(dict.fromkeys(reversed(keys)))
    assert (
        found.hex() == "a7" + "00f6" + "05f6" + "17f6" + "1818f6" + "19012cf6" + "20f6" + "3818f6"
    )


def test_the_size_is_checked_before_anything_else():
    assert refusal(decode, bytes(513)) == OVERSIZED
    assert refusal(decode, b"\x43abc", 3) == OVERSIZED
    assert decode(b"\x43abc", 4) == b"abc"


def test_bytes_from_a_receive_buffer_decode_to_bytes():
    found = decode(memoryview(bytearray(b"\x82\x42ab\x61c")))
    assert same(found, [b"ab", "c"])
