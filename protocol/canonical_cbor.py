"""Strict deterministic CBOR (RFC 8949, 4.2.1), the subset that the wire needs.

Promises: one value has exactly one encoding; `decode` accepts that encoding and nothing else, and
does the same on MicroPython and CPython. The subset: integers of 64 bits, byte strings, text,
arrays, maps with integer keys, false, true, null, tags 17 and 18. It must not know any message.
"""

from collections import namedtuple

from protocol.limits import CBOR_DEPTH_MAX, MESSAGE_BYTES_MAX, UINT64_MAX
from protocol.wire_errors import (
    BAD_TEXT,
    MALFORMED_CBOR,
    NOT_DETERMINISTIC,
    OUT_OF_RANGE,
    OVERSIZED,
    TRAILING_BYTES,
    TRUNCATED,
    WRONG_SHAPE,
    WireError,
)

Tagged = namedtuple("Tagged", ("tag", "value"))

_TAGS = (17, 18)  # COSE_Mac0 and COSE_Sign1
# the least argument that needs one, two, four or eight bytes after the first
_LEAST = (24, 0x100, 0x10000, 0x100000000)


def encode(value) -> bytes:
    """The one encoding of `value`. Raises WireError when the subset has none."""
    out = bytearray()
    _encode_item(out, value, CBOR_DEPTH_MAX)
    return bytes(out)


def decode(data, bytes_max: int = MESSAGE_BYTES_MAX):
    """The value of `data`. Raises WireError unless `data` is its one encoding, whole."""
    if len(data) > bytes_max:
        raise WireError(OVERSIZED, "%d bytes of at most %d" % (len(data), bytes_max))
    value, end = _decode_item(bytes(data), 0, CBOR_DEPTH_MAX)
    if end != len(data):
        raise WireError(TRAILING_BYTES, "%d bytes" % (len(data) - end))
    return value


def check_utf8(data) -> None:
    """Raise WireError unless `data` is UTF-8 as RFC 3629 has it.

    Our own loop, because MicroPython takes overlong forms and surrogates for text.
    """
    more = 0  # continuation bytes still to come
    low = 0x80  # bounds of the next continuation byte
    high = 0xBF
    for byte in data:
        if more:
            if byte < low or byte > high:
                raise WireError(BAD_TEXT, "not UTF-8")
            more -= 1
            low = 0x80
            high = 0xBF
        elif byte < 0x80:
            continue
        elif 0xC2 <= byte <= 0xDF:
            more = 1
        elif 0xE0 <= byte <= 0xEF:
            more = 2
            if byte == 0xE0:
                low = 0xA0  # less is overlong
            elif byte == 0xED:
                high = 0x9F  # more is a surrogate
        elif 0xF0 <= byte <= 0xF4:
            more = 3
            if byte == 0xF0:
                low = 0x90  # less is overlong
            elif byte == 0xF4:
                high = 0x8F  # more is past U+10FFFF
        else:
            raise WireError(BAD_TEXT, "not UTF-8")
    if more:
        raise WireError(BAD_TEXT, "not UTF-8")


def _encode_head(out: bytearray, major: int, argument: int) -> None:
    if argument < 24:
        out.append(major << 5 | argument)
    elif argument < 0x100:
        out.append(major << 5 | 24)
        out.append(argument)
    elif argument < 0x10000:
        out.append(major << 5 | 25)
        out.extend(argument.to_bytes(2, "big"))
    elif argument < 0x100000000:
        out.append(major << 5 | 26)
        out.extend(argument.to_bytes(4, "big"))
    elif argument <= UINT64_MAX:
        out.append(major << 5 | 27)
        out.extend(argument.to_bytes(8, "big"))
    else:
        raise WireError(OUT_OF_RANGE, "an integer of more than 64 bits")


def _encode_item(out: bytearray, value, depth: int) -> None:
    # True and False come before integers: CPython holds True for an int, MicroPython does not
    if value is None:
        out.append(0xF6)
    elif value is False:
        out.append(0xF4)
    elif value is True:
        out.append(0xF5)
    elif isinstance(value, int):
        if value >= 0:
            _encode_head(out, 0, value)
        else:
            _encode_head(out, 1, -1 - value)
    elif isinstance(value, bytes):
        _encode_head(out, 2, len(value))
        out.extend(value)
    elif isinstance(value, str):
        try:
            text = value.encode()
        except ValueError:  # a lone surrogate, on CPython
            raise WireError(BAD_TEXT, "not UTF-8")
        check_utf8(text)
        _encode_head(out, 3, len(text))
        out.extend(text)
    elif depth == 0:
        raise WireError(OUT_OF_RANGE, "nested too deep")
    elif isinstance(value, Tagged):
        if value.tag not in _TAGS:
            raise WireError(WRONG_SHAPE, "a tag outside the subset")
        _encode_head(out, 6, value.tag)
        _encode_item(out, value.value, depth - 1)
    elif isinstance(value, (list, tuple)):
        _encode_head(out, 4, len(value))
        for item in value:
            _encode_item(out, item, depth - 1)
    elif isinstance(value, dict):
        _encode_map(out, value, depth)
    else:
        raise WireError(WRONG_SHAPE, "a type that CBOR here does not have")


def _encode_map(out: bytearray, value: dict, depth: int) -> None:
    pairs = []
    for key, item in value.items():
        if key is True or key is False or not isinstance(key, int):
            raise WireError(WRONG_SHAPE, "a map key that is no integer")
        head = bytearray()
        _encode_item(head, key, 0)
        pairs.append((bytes(head), item))
    pairs.sort(key=_first)
    _encode_head(out, 5, len(pairs))
    for encoded_key, item in pairs:
        out.extend(encoded_key)
        _encode_item(out, item, depth - 1)


def _first(pair):
    return pair[0]


def _decode_item(data: bytes, at: int, depth: int):
    """(value, where it ends) of the item at `at`; `depth` containers may still be opened."""
    if at >= len(data):
        raise WireError(TRUNCATED, "no item at byte %d" % at)
    first = data[at]
    major = first >> 5
    argument = first & 31
    at += 1
    if major == 7:
        return _simple(first), at
    if argument > 23:
        if argument > 27:
            # 31 on strings and containers is indefinite length; everywhere else an error
            if argument == 31 and 2 <= major <= 5:
                raise WireError(NOT_DETERMINISTIC, "indefinite length")
            raise WireError(MALFORMED_CBOR, "first byte 0x%02x" % first)
        least = _LEAST[argument - 24]
        end = at + (1 << (argument - 24))
        if end > len(data):
            raise WireError(TRUNCATED, "inside a length or integer")
        argument = int.from_bytes(data[at:end], "big")
        if argument < least:
            raise WireError(NOT_DETERMINISTIC, "an integer longer than needed")
        at = end
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major < 4:
        end = at + argument
        if end > len(data):
            raise WireError(TRUNCATED, "inside a string")
        part = data[at:end]
        if major == 2:
            return part, end
        check_utf8(part)
        return part.decode(), end
    if depth == 0:
        raise WireError(OUT_OF_RANGE, "nested too deep")
    if major == 4:
        return _decode_array(data, at, argument, depth - 1)
    if major == 5:
        return _decode_map(data, at, argument, depth - 1)
    if argument not in _TAGS:
        raise WireError(MALFORMED_CBOR, "a tag outside the subset")
    value, at = _decode_item(data, at, depth - 1)
    return Tagged(argument, value), at


def _simple(first: int):
    if first == 0xF4:
        return False
    if first == 0xF5:
        return True
    if first == 0xF6:
        return None
    raise WireError(MALFORMED_CBOR, "first byte 0x%02x" % first)  # float, break, undefined


def _decode_array(data: bytes, at: int, count: int, depth: int):
    if count > len(data) - at:  # each item has a byte: do not loop for a lie
        raise WireError(TRUNCATED, "inside an array")
    items = []
    for _ in range(count):
        value, at = _decode_item(data, at, depth)
        items.append(value)
    return items, at


def _decode_map(data: bytes, at: int, count: int, depth: int):
    if 2 * count > len(data) - at:
        raise WireError(TRUNCATED, "inside a map")
    pairs = {}
    before = b""
    for _ in range(count):
        key, end = _decode_item(data, at, 0)
        if key is True or key is False or not isinstance(key, int):
            raise WireError(MALFORMED_CBOR, "a map key that is no integer")
        head = data[at:end]
        if head <= before:
            raise WireError(NOT_DETERMINISTIC, "map keys out of order, or twice")
        before = head
        pairs[key], at = _decode_item(data, end, depth)
    return pairs, at
