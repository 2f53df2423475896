"""CBOR values with their one encoding, and bytes that are nobody's encoding."""

from __future__ import annotations

from typing import Any

import cbor2

from tests.protocol.vector_sealing import (
    Case,
    dumps,
    plain,
)


def accepted_cbor() -> list[Case]:
    values: list[tuple[str, Any]] = [
        (f"integer {number}", number)
        for number in (0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1,
                       -1, -24, -25, -256, -257, -65536, -65537, -(2**32), -(2**32) - 1, -(2**64))
    ] + [
        ("false", False), ("true", True), ("null", None),
        ("empty byte string", b""), ("23 bytes", bytes(23)), ("24 bytes", bytes(24)),
        ("empty text", ""), ("two-byte letters", "ңөү"), ("last one-byte letter", "\x7f"),
        ("first two-byte letter", "\x80"), ("first three-byte letter", "\u0800"),
        ("last letter before the surrogates", "\ud7ff"), ("first letter after them", "\ue000"),
        ("first four-byte letter", "\U00010000"), ("last letter of all", "\U0010ffff"),
        ("empty array", []), ("array of 24", [0] * 24), ("depth 6", [[[[[[]]]]]]),
        ("empty map", {}), ("map", {1: -8, 24: 0, 256: b"", 65536: None}),
        ("tag 17", cbor2.CBORTag(17, [])), ("tag 18", cbor2.CBORTag(18, [b"", {}])),
    ]  # fmt: skip
    cases = [
        {"name": name, "why": "one value, one encoding", "value": plain(value),
         "hex": dumps(value).hex()}
        for name, value in values
    ]  # fmt: skip
    # cbor2 still sorts the shorter key first, as RFC 7049 did; RFC 8949, 4.2.1 sorts by bytes
    cases.append({"name": "map with negative keys", "why": "keys in the order of their bytes",
                  "value": plain({1: -8, 24: 0, -1: b"", -25: None}),
                  "hex": "a4" "0127" "181800" "2040" "3818f6"})  # fmt: skip
    return cases


REJECTED_CBOR = [
    ("nothing", "", "truncated", "an item has at least one byte"),
    ("trailing byte", "0000", "trailing_bytes", "one message is one item"),
    ("trailing break", "80ff", "trailing_bytes", "a break byte after the item"),
    ("bare break", "ff", "malformed_cbor", "a break outside an indefinite item"),
    ("break inside array", "81ff", "malformed_cbor", "a break in the place of an item"),
    ("integer 23 in two bytes", "1817", "not_deterministic", "23 fits in the first byte"),
    ("integer 255 in three bytes", "1900ff", "not_deterministic", "255 fits in one byte"),
    ("integer 65535 in five bytes", "1a0000ffff", "not_deterministic", "fits in two bytes"),
    ("integer in nine bytes", "1b00000000ffffffff", "not_deterministic", "fits in four bytes"),
    ("negative in two bytes", "3800", "not_deterministic", "-1 fits in the first byte"),
    ("byte string's length", "580161", "not_deterministic", "length 1 fits in the first byte"),
    ("text's length", "78016b", "not_deterministic", "length 1 fits in the first byte"),
    ("array's length", "980100", "not_deterministic", "length 1 fits in the first byte"),
    ("map's length", "b8010000", "not_deterministic", "length 1 fits in the first byte"),
    ("long tag", "d90012f6", "not_deterministic", "tag 18 fits in the first byte"),
    ("indefinite bytes", "5f4100ff", "not_deterministic", "indefinite length"),
    ("indefinite text", "7f6161ff", "not_deterministic", "indefinite length"),
    ("indefinite array", "9f00ff", "not_deterministic", "indefinite length"),
    ("indefinite map", "bf0000ff", "not_deterministic", "indefinite length"),
    ("indefinite integer", "1f", "malformed_cbor", "31 is no length of an integer"),
    ("indefinite tag", "dff6", "malformed_cbor", "31 is no tag"),
    ("reserved 28", "1c", "malformed_cbor", "28 to 30 are reserved"),
    ("reserved 29 on a string", "5d", "malformed_cbor", "28 to 30 are reserved"),
    ("reserved 30 on an array", "9e", "malformed_cbor", "28 to 30 are reserved"),
    ("cut integer", "19ff", "truncated", "two bytes announced, one there"),
    ("cut bytes", "4261", "truncated", "two bytes announced, one there"),
    ("cut text", "6261", "truncated", "two bytes announced, one there"),
    ("cut array", "8200", "truncated", "two items announced, one there"),
    ("cut map", "a100", "truncated", "a key without its value"),
    ("cut tag", "d2", "truncated", "a tag without its item"),
    ("array of 2**32", "9affffffff00", "truncated", "a length that is a lie must cost nothing"),
    ("bytes of 2**64", "5bffffffffffffffff00", "truncated", "a length past every buffer"),
    ("map of 2**63", "bb80000000000000000000", "truncated", "twice the length overflows 64 bits"),
    ("same key twice", "a201000101", "not_deterministic", "the last, or the first, would win"),
    ("keys out of order", "a202000100", "not_deterministic", "2 before 1"),
    ("negative key first", "a220000100", "not_deterministic", "20 sorts after 01"),
    ("shorter key first", "a22000181800", "not_deterministic", "the order of RFC 7049"),
    ("text key", "a1616100", "malformed_cbor", "the subset has integer keys only"),
    ("true as key", "a1f500", "malformed_cbor", "true is no integer"),
    ("array as key", "a18000", "out_of_range", "a key holds no container"),
    ("depth 7", "81818181818180", "out_of_range", "one array deeper than allowed"),
    ("depth by tags", "d2d2d2d2d2d2d200", "out_of_range", "tags nest, too"),
    ("tag 0", "c060", "malformed_cbor", "dates are not in the subset"),
    ("tag 2", "c24101", "malformed_cbor", "a second way to write an integer"),
    ("tag 98", "d86280", "malformed_cbor", "COSE_Sign is not in the subset"),
    ("half float", "f93c00", "malformed_cbor", "1.0: no floats on the wire"),
    ("single float", "fa3f800000", "malformed_cbor", "1.0: no floats on the wire"),
    ("double float", "fb3ff0000000000000", "malformed_cbor", "1.0: no floats on the wire"),
    ("not a number", "f97e00", "malformed_cbor", "no floats on the wire"),
    ("undefined", "f7", "malformed_cbor", "undefined is not in the subset"),
    ("simple 0", "e0", "malformed_cbor", "simple values are not in the subset"),
    ("simple 32", "f820", "malformed_cbor", "simple values are not in the subset"),
    ("true in two bytes", "f815", "malformed_cbor", "a second way to write true"),
    ("overlong nul", "62c080", "bad_text", "MicroPython decodes this to a nul"),
    ("overlong slash", "63e080af", "bad_text", "three bytes for one"),
    ("overlong four bytes", "64f08080af", "bad_text", "four bytes for one"),
    ("C1 lead", "62c1bf", "bad_text", "C1 can only begin an overlong form"),
    ("surrogate", "63eda080", "bad_text", "U+D800"),
    ("surrogate pair", "66eda080edb080", "bad_text", "UTF-16 in disguise"),
    ("past the last letter", "64f4908080", "bad_text", "U+110000"),
    ("F5 lead", "64f5808080", "bad_text", "past U+10FFFF"),
    ("lone continuation", "6180", "bad_text", "continues nothing"),
    ("cut letter", "61d2", "bad_text", "a two-byte letter ends after one"),
    ("letter cut by a letter", "62d261", "bad_text", "a two-byte letter ends after one"),
    ("cut four bytes", "63f09f98", "bad_text", "a four-byte letter ends after three"),
    ("Latin-1", "61e9", "bad_text", "an e with acute, not UTF-8"),
]


def rejected_cbor() -> list[Case]:
    cases = [
        {"name": name, "hex": data, "reason": reason, "why": why}
        for name, data, reason, why in REJECTED_CBOR
    ]
    # fits the 512 bytes in its head, but not in its whole
    cases.append({"name": "513 bytes", "hex": "5901fe" + "00" * 510, "reason": "oversized",
                  "why": "a well-formed item of more than 512 bytes"})  # fmt: skip
    return cases
