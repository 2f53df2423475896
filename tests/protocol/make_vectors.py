"""Writes protocol/vectors: run `python tests/protocol/make_vectors.py` from the repository's root.

The vectors are made with cbor2, cryptography and the standard library, never with the code that
they judge; a test demands that the committed files are what this writes. Every expected reason is
written by hand.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER = Path(__file__).resolve().parents[2] / "protocol" / "vectors"

SEED = bytes(range(32))
MAC_KEY = bytes(range(64, 96))
OTHER_SEED = bytes(range(1, 33))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
UP = "hall/osh/seat/s07/up"
DOWN = "hall/osh/seat/s07/down"
ALIVE = "hall/osh/seat/s07/alive"
EDDSA = bytes.fromhex("a10127")
HMAC256 = bytes.fromhex("a10105")
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
ZEROS = bytes(32)
BALLOT = hashlib.sha256(b"a ballot").digest()
HEAD = hashlib.sha256(b"the event before").digest()
BADGE = bytes.fromhex("04a1b2c3")
Case = dict[str, Any]


def dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def sign1(
    payload: bytes,
    topic: str = UP,
    *,
    seed: bytes = SEED,
    protected: bytes = EDDSA,
    unprotected: Any = None,
    tag: int = 18,
    spoil: Callable[[bytes], bytes] = bytes,
) -> bytes:
    structure = dumps(["Signature1", protected, topic.encode(), payload])
    signature = spoil(Ed25519PrivateKey.from_private_bytes(seed).sign(structure))
    parts = [protected, {} if unprotected is None else unprotected, payload, signature]
    return dumps(cbor2.CBORTag(tag, parts))


def mac0(
    payload: bytes,
    topic: str,
    *,
    key: bytes = MAC_KEY,
    protected: bytes = HMAC256,
    tag: int = 17,
    spoil: Callable[[bytes], bytes] = bytes,
) -> bytes:
    structure = dumps(["MAC0", protected, topic.encode(), payload])
    code = spoil(hmac.new(key, structure, "sha256").digest())
    return dumps(cbor2.CBORTag(tag, [protected, {}, payload, code]))


def sized(count: int, message: bytes) -> bytes:
    if len(message) != count:
        raise ValueError(f"{len(message)} bytes, not {count}")
    return message


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def plus_order(signature: bytes) -> bytes:
    answer = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + answer.to_bytes(32, "little")


# ---- the messages as arrays, each position by hand


def event(kind: int, body: list[Any], **other: Any) -> list[Any]:
    fields = {"version": 1, "terminal": "s07", "boot": 5, "sequence": 3, "previous": HEAD}
    fields |= {"view_revision": (2 << 32) | 9} | other
    return [fields["version"], kind, fields["terminal"], fields["boot"], fields["sequence"],
            fields["previous"], fields["view_revision"], body]  # fmt: skip


PRESS = [BALLOT, 1, BADGE]
EVENTS: list[tuple[str, str, list[Any]]] = [
    ("hello_first", "the first words of a terminal that was never heard: it names zeros",
     event(1, ["dobush 0.1.0", "seat-a", 1], boot=1, sequence=0, previous=ZEROS, view_revision=0)),
    ("hello_later", "a later boot names the head that the view showed",
     event(1, ["dobush 0.1.0", "seat-a", 3], sequence=0)),
    ("hello_longest", "24 bytes of firmware and board, greatest reset cause",
     event(1, ["f" * 24, "b" * 24, 255], terminal="a" * 16, boot=2**32 - 1,
           sequence=2**32 - 1, view_revision=2**64 - 1)),
    ("badge_present", "a badge of 4 bytes", event(2, [BADGE], sequence=1)),
    ("badge_present_longest", "a badge of 10 bytes", event(2, [bytes(range(10))], sequence=1)),
    ("badge_gone", "an empty body is an empty array", event(3, [], sequence=2)),
    ("press_for", "1 is for", event(4, PRESS)),
    ("press_against", "2 is against", event(4, [BALLOT, 2, BADGE])),
    ("press_abstain", "3 is abstain", event(4, [BALLOT, 3, BADGE])),
    ("floor_request", "asks for the floor", event(5, [])),
    ("floor_withdraw", "takes the request back", event(6, [])),
    ("service_report", "Kyrgyz letters are text too", event(7, [400, "Баскыч үнсүз калды"])),
    ("service_report_longest", "64 bytes of detail", event(7, [65535, "ө" * 32])),
]  # fmt: skip


def heartbeat(**other: Any) -> list[Any]:
    fields = {"version": 1, "type": 32, "terminal": "s07", "boot": 5, "counter": 17}
    fields |= {"uptime_s": 18, "heap_free_bytes": 91000, "outbox_events": 0}
    fields |= {"view_revision": (2 << 32) | 9, "flags": 1, "last_sequence": 3} | other
    return list(fields.values())


HEARTBEATS: list[tuple[str, str, list[Any]]] = [
    ("heartbeat", "a badge is in the reader", heartbeat()),
    ("heartbeat_least", "right after the first boot",
     heartbeat(boot=1, counter=0, uptime_s=0, heap_free_bytes=0, view_revision=0, flags=0,
               last_sequence=0)),
    ("heartbeat_greatest", "every field at its bound",
     heartbeat(terminal="z" * 16, boot=2**32 - 1, counter=2**32 - 1, uptime_s=2**32 - 1,
               heap_free_bytes=2**32 - 1, outbox_events=16, view_revision=2**64 - 1, flags=3,
               last_sequence=2**32 - 1)),
]  # fmt: skip


def view(**other: Any) -> list[Any]:
    fields: dict[str, Any] = {"version": 1, "type": 64, "terminal": "s07"}
    fields |= {"revision": (2 << 32) | 9, "seat_boot": 5, "accepted_sequence": 3}
    fields |= {"head_hash": HEAD, "wall_ms": 1_790_000_000_000, "language": 0, "sitter": None}
    fields |= {"phase": 0, "ballot": None, "receipt": None, "refusal": None, "floor_place": None}
    fields |= {"microphone": False, "speak_left_ms": None, "notices": [], "result": None} | other
    return list(fields.values())


SITTER = ["Айгүл Өмүрова", True]
SHOWN = [BALLOT, "О бюджете города на 2027 год", 7, 14_250]
VIEWS: list[tuple[str, str, list[Any]]] = [
    ("view_empty", "nobody sits here and no sitting is prepared",
     view(revision=1, seat_boot=0, accepted_sequence=0, head_hash=ZEROS)),
    ("view_voting", "a vote is open and nothing is receipted yet",
     view(sitter=SITTER, phase=4, ballot=SHOWN, language=1)),
    ("view_receipt", "the press is in the ledger at position 812",
     view(sitter=SITTER, phase=4, ballot=SHOWN, receipt=[1, 812], accepted_sequence=4)),
    ("view_refused", "event 4 came after the close: reason 8 is vote_closed",
     view(sitter=SITTER, phase=5, ballot=[BALLOT, "Бюджет", 7, 0], refusal=[4, 8])),
    ("view_speaking", "the floor is given: microphone on, 90 s left",
     view(sitter=["Эркин", False], phase=3, microphone=True, speak_left_ms=90_000)),
    ("view_result", "a proclaimed result and two notices",
     view(sitter=SITTER, phase=6, floor_place=2, notices=[1, 4], result=[True, 30, 12, 3])),
    ("view_longest", "every field at its bound, 459 bytes sealed",
     view(terminal="t" * 16, revision=2**64 - 1, seat_boot=2**32 - 1,
          accepted_sequence=2**32 - 1, wall_ms=2**64 - 1, language=2, sitter=["ң" * 40, True],
          phase=7, ballot=[BALLOT, "Ү" * 75, 7, 2**32 - 1], receipt=[3, 2**64 - 1],
          refusal=[2**32 - 1, 255], floor_place=65535, microphone=True,
          speak_left_ms=2**32 - 1, notices=[65535] * 4, result=[False, 65535, 65535, 65535])),
]  # fmt: skip


def plain(value: Any) -> Any:
    """A CBOR value in JSON: bytes as {"bytes": hex}; integers past 2**53 as {"int": digits}."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, cbor2.CBORTag):
        return {"tag": value.tag, "value": plain(value.value)}
    if isinstance(value, dict):
        return {"map": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"int": str(value)}
    return value


def topic_of(parts: list[Any], direction: str) -> str:
    return f"hall/osh/seat/{parts[2]}/{direction}"


def accepted_events() -> list[Case]:
    cases = []
    for name, why, parts in EVENTS:
        payload, topic = dumps(parts), topic_of(parts, "up")
        message = sign1(payload, topic)
        cases.append({
            "name": name, "why": why, "topic": topic, "payload_value": plain(parts),
            "payload": payload.hex(),
            "signed_bytes": dumps(["Signature1", EDDSA, topic.encode(), payload]).hex(),
            "message": message.hex(), "event_hash": hashlib.sha256(message).hexdigest(),
        })  # fmt: skip
    return cases


def accepted_macs(messages: list[tuple[str, str, list[Any]]], direction: str) -> list[Case]:
    cases = []
    for name, why, parts in messages:
        payload, topic = dumps(parts), topic_of(parts, direction)
        cases.append({
            "name": name, "why": why, "topic": topic, "payload_value": plain(parts),
            "payload": payload.hex(),
            "message": mac0(payload, topic).hex(),
        })  # fmt: skip
    return cases


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


def raw_press(**parts: bytes) -> bytes:
    """A press whose items are raw CBOR, so that one can be written wrongly."""
    items = {
        "head": b"\x88", "version": b"\x01", "type": b"\x04", "terminal": b"\x63s07",
        "boot": b"\x05", "sequence": b"\x03", "previous": b"\x58\x20" + HEAD,
        "revision": b"\x1b" + struct.pack(">Q", (2 << 32) | 9), "body": dumps(PRESS),
    } | parts  # fmt: skip
    return b"".join(items.values())


def rejected_shapes() -> list[Case]:
    """Well signed, so that only the payload can be what is wrong."""
    shapes: list[tuple[str, bytes, str, str]] = [
        ("no array", dumps(b"press"), "wrong_shape", "a payload is an array"),
        ("map", dumps({1: 1}), "wrong_shape", "a payload is an array"),
        ("empty payload", b"", "truncated", "no item"),
        ("empty array", dumps([]), "wrong_shape", "no version"),
        ("version 2", dumps(event(4, PRESS, version=2)), "wrong_version", "not ours"),
        ("version 0", dumps(event(4, PRESS, version=0)), "wrong_version", "not ours"),
        ("version true", raw_press(version=b"\xf5"), "wrong_shape", "true is not 1"),
        ("version 2, other length", dumps([2, 4]), "wrong_version", "version before shape"),
        ("type 0", dumps(event(0, [])), "unknown_type", "no such event"),
        ("type 8", dumps(event(8, [])), "unknown_type", "no such event"),
        ("heartbeat's type", dumps(event(32, [])), "unknown_type", "heartbeats have a MAC"),
        ("type true", raw_press(type=b"\xf5"), "wrong_shape", "true is not 1"),
        ("nine items", dumps([*event(4, PRESS), 0]), "wrong_shape", "one too many"),
        ("seven items", dumps(event(4, PRESS)[:7]), "wrong_shape", "no body"),
        ("terminal of 17", dumps(event(4, PRESS, terminal="a" * 17)), "bad_text", "16 at most"),
        ("terminal empty", dumps(event(4, PRESS, terminal="")), "bad_text", "1 at least"),
        ("terminal in capitals", dumps(event(4, PRESS, terminal="S07")), "bad_text", "[a-z0-9-]"),
        ("terminal with slash", dumps(event(4, PRESS, terminal="s/7")), "bad_text", "[a-z0-9-]"),
        ("terminal as bytes", dumps(event(4, PRESS, terminal=b"s07")), "wrong_shape", "text"),
        ("boot 0", dumps(event(4, PRESS, boot=0)), "out_of_range", "0 means never heard"),
        ("boot of 33 bits", dumps(event(4, PRESS, boot=2**32)), "out_of_range", "32 bits"),
        ("boot negative", dumps(event(4, PRESS, boot=-1)), "out_of_range", "unsigned"),
        ("boot true", dumps(event(4, PRESS, boot=True)), "wrong_shape", "true is not 1"),
        ("boot null", dumps(event(4, PRESS, boot=None)), "wrong_shape", "a number"),
        ("sequence of 33 bits", dumps(event(4, PRESS, sequence=2**32)), "out_of_range", "32 bits"),
        ("sequence negative", dumps(event(4, PRESS, sequence=-1)), "out_of_range", "unsigned"),
        ("sequence false", dumps(event(4, PRESS, sequence=False)), "wrong_shape", "not 0"),
        ("sequence float", raw_press(sequence=b"\xf9\x42\x00"), "malformed_cbor", "3.0"),
        ("sequence long", raw_press(sequence=b"\x18\x03"), "not_deterministic", "3 in two bytes"),
        ("previous of 31", dumps(event(4, PRESS, previous=HEAD[1:])), "out_of_range", "32 bytes"),
        ("previous as text", dumps(event(4, PRESS, previous="0" * 32)), "wrong_shape", "bytes"),
        ("previous null", dumps(event(4, PRESS, previous=None)), "wrong_shape", "zeros, not null"),
        ("revision negative", dumps(event(4, PRESS, view_revision=-1)), "out_of_range", "unsigned"),
        ("trailing byte", dumps(event(4, PRESS)) + b"\x00", "trailing_bytes", "in the payload"),
        ("cut", dumps(event(4, PRESS))[:-1], "truncated", "in the payload"),
        ("indefinite", raw_press(head=b"\x9f") + b"\xff", "not_deterministic", "in the payload"),
        ("body null", dumps(event(3, None)), "wrong_shape", "empty is [], not null"),  # type: ignore[arg-type]
        ("body a map", dumps(event(3, {})), "wrong_shape", "empty is [], not {}"),  # type: ignore[arg-type]
        ("press without badge", dumps(event(4, PRESS[:2])), "wrong_shape", "three items"),
        ("press with four", dumps(event(4, [*PRESS, 0])), "wrong_shape", "three items"),
        ("answer 0", dumps(event(4, [BALLOT, 0, BADGE])), "out_of_range", "1 to 3"),
        ("answer 4", dumps(event(4, [BALLOT, 4, BADGE])), "out_of_range", "1 to 3"),
        ("answer true", dumps(event(4, [BALLOT, True, BADGE])), "wrong_shape", "true is not 1"),
        ("answer as text", dumps(event(4, [BALLOT, "for", BADGE])), "wrong_shape", "a number"),
        ("ballot of 33", dumps(event(4, [BALLOT + b"0", 1, BADGE])), "out_of_range", "32 bytes"),
        ("badge of 3", dumps(event(2, [BADGE[:3]])), "out_of_range", "4 to 10 bytes"),
        ("badge of 11", dumps(event(2, [bytes(11)])), "out_of_range", "4 to 10 bytes"),
        ("badge as text", dumps(event(2, ["04a1b2c3"])), "wrong_shape", "bytes"),
        ("badge gone with badge", dumps(event(3, [BADGE])), "wrong_shape", "an empty body"),
        ("firmware of 25", dumps(event(1, ["f" * 25, "b", 0])), "out_of_range", "24 bytes"),
        ("board with a line feed", dumps(event(1, ["f", "b\n", 0])), "bad_text", "control"),
        ("reset cause 256", dumps(event(1, ["f", "b", 256])), "out_of_range", "8 bits"),
        ("report code 65536", dumps(event(7, [65536, ""])), "out_of_range", "16 bits"),
        ("report of 66 bytes", dumps(event(7, [0, "ө" * 33])), "out_of_range", "64 bytes"),
        ("report with delete", dumps(event(7, [0, "\x7f"])), "bad_text", "control"),
        ("report overlong", raw_press(type=b"\x07", body=b"\x82\x00\x62\xc0\x80"), "bad_text",
         "C0 80"),
        ("other terminal inside", dumps(event(4, PRESS, terminal="s08")), "foreign_topic",
         "well signed by s07, but in the name of s08"),
    ]  # fmt: skip
    return [
        {"name": name, "topic": UP, "message": sign1(payload).hex(), "reason": reason, "why": why}
        for name, payload, reason, why in shapes
    ]


def rejected_event_envelopes() -> list[Case]:
    payload = dumps(event(4, PRESS))
    good = sign1(payload)
    body = good[1:]  # without the tag
    bare = cbor2.loads(body)
    envelopes: list[tuple[str, str, bytes, str, str]] = [
        ("empty", UP, b"", "truncated", "the last will is on another topic"),
        ("no tag", UP, body, "wrong_envelope", "COSE structures are tagged here"),
        ("tag of a MAC", UP, b"\xd1" + body, "wrong_envelope", "events are signed"),
        ("a MAC instead", UP, mac0(payload, UP), "wrong_envelope", "events are signed"),
        ("three parts", UP, b"\xd2" + dumps(bare[:3]), "wrong_envelope", "four parts"),
        ("five parts", UP, b"\xd2" + dumps([*bare, b""]), "wrong_envelope", "four parts"),
        ("tag on text", UP, b"\xd2\x61a", "wrong_envelope", "an array"),
        ("tagged twice", UP, b"\xd2" + good, "wrong_envelope", "one tag"),
        ("algorithm ES256", UP, sign1(payload, protected=bytes.fromhex("a10126")),
         "wrong_envelope", "EdDSA only"),
        ("no protected header", UP, sign1(payload, protected=b""), "wrong_envelope", "a10127"),
        ("protected header as map", UP, b"\xd2" + dumps([{1: -8}, *bare[1:]]),
         "wrong_envelope", "a byte string that holds the map"),
        ("unprotected key id", UP, sign1(payload, unprotected={4: b"s07"}),
         "wrong_envelope", "nothing unprotected"),
        ("unprotected as array", UP, sign1(payload, unprotected=[]), "wrong_envelope", "a map"),
        ("payload detached", UP, b"\xd2" + dumps([*bare[:2], None, bare[3]]),
         "wrong_envelope", "the payload is inside"),
        ("signature of 63", UP, sign1(payload, spoil=lambda whole: whole[:63]),
         "wrong_envelope", "64 bytes"),
        ("signature bit", UP, sign1(payload, spoil=flip), "bad_signature", "one bit flipped"),
        ("R bit", UP, sign1(payload, spoil=lambda whole: flip(whole[:32]) + whole[32:]),
         "bad_signature", "one bit flipped"),
        ("payload bit", UP, good.replace(BADGE, BADGE[:3] + b"\xc2"), "bad_signature",
         "another badge under the same signature"),
        ("answer changed", UP, good.replace(BALLOT + b"\x01", BALLOT + b"\x02"),
         "bad_signature", "against instead of for"),
        ("S plus the order", UP, sign1(payload, spoil=plus_order), "bad_signature",
         "the same signature a second time: S must be below the order"),
        ("another key", UP, sign1(payload, seed=OTHER_SEED), "bad_signature",
         "signed by another terminal"),
        ("from another hall", UP, sign1(payload, "hall/bishkek/seat/s07/up"), "bad_signature",
         "the topic is signed, too"),
        ("from another seat", "hall/osh/seat/s08/up", good, "bad_signature",
         "published on another seat's topic"),
        ("signed without topic", UP, sign1(payload, ""), "bad_signature", "empty external_aad"),
        ("trailing byte", UP, good + b"\x00", "trailing_bytes", "after the envelope"),
        ("cut", UP, good[:-1], "truncated", "inside the signature"),
        ("long tag", UP, b"\xd8\x12" + body, "not_deterministic", "18 fits in the first byte"),
        ("257 bytes", UP, sized(257, sign1(bytes(182))), "oversized", "an event has at most 256"),
    ]  # fmt: skip
    return [
        {"name": name, "topic": topic, "message": message.hex(), "reason": reason, "why": why}
        for name, topic, message, reason, why in envelopes
    ]


def rejected_heartbeats() -> list[Case]:
    good = mac0(dumps(heartbeat()), ALIVE)
    cases: list[tuple[str, bytes, str, str]] = [
        ("last will", b"\x00", "wrong_envelope", "a hint, not a heartbeat"),
        ("signed", sign1(dumps(heartbeat()), ALIVE), "wrong_envelope", "heartbeats have a MAC"),
        ("129 bytes", sized(129, mac0(bytes(86), ALIVE)), "oversized", "128 at most"),
        ("MAC bit", mac0(dumps(heartbeat()), ALIVE, spoil=flip), "bad_mac", "one bit flipped"),
        ("MAC cut", mac0(dumps(heartbeat()), ALIVE, spoil=lambda whole: whole[:16]),
         "wrong_envelope", "32 bytes"),
        ("wrong key", mac0(dumps(heartbeat()), ALIVE, key=bytes(32)), "bad_mac", "not ours"),
        ("made for up", mac0(dumps(heartbeat()), UP), "bad_mac", "the topic is under the MAC"),
        ("payload bit", good.replace(b"s07", b"s08"), "bad_mac", "another terminal"),
        ("algorithm", mac0(dumps(heartbeat()), ALIVE, protected=bytes.fromhex("a10104")),
         "wrong_envelope", "HMAC 256/256 only"),
        ("version 2", mac0(dumps(heartbeat(version=2)), ALIVE), "wrong_version", "not ours"),
        ("a view's type", mac0(dumps(heartbeat(type=64)), ALIVE), "unknown_type", "32 only"),
        ("ten items", mac0(dumps(heartbeat()[:10]), ALIVE), "wrong_shape", "eleven"),
        ("boot 0", mac0(dumps(heartbeat(boot=0)), ALIVE), "out_of_range", "0 means never"),
        ("counter negative", mac0(dumps(heartbeat(counter=-1)), ALIVE), "out_of_range",
         "unsigned"),
        ("flags 4", mac0(dumps(heartbeat(flags=4)), ALIVE), "out_of_range", "bits 0 and 1"),
        ("flags true", mac0(dumps(heartbeat(flags=True)), ALIVE), "wrong_shape", "not 1"),
        ("outbox of 17", mac0(dumps(heartbeat(outbox_events=17)), ALIVE), "out_of_range", "16"),
        ("another terminal", mac0(dumps(heartbeat(terminal="s08")), ALIVE), "foreign_topic",
         "under the key of s07, but in the name of s08"),
    ]  # fmt: skip
    return [
        {"name": name, "topic": ALIVE, "message": message.hex(), "reason": reason, "why": why}
        for name, message, reason, why in cases
    ]


def rejected_views() -> list[Case]:
    shapes: list[tuple[str, list[Any], str, str]] = [
        ("version 2", view(version=2), "wrong_version", "not ours"),
        ("a heartbeat's type", view(type=32), "unknown_type", "64 only"),
        ("18 items", view()[:18], "wrong_shape", "19"),
        ("language 3", view(language=3), "out_of_range", "0 to 2"),
        ("phase 8", view(phase=8), "out_of_range", "0 to 7"),
        ("phase true", view(phase=True), "wrong_shape", "true is not 1"),
        ("head of 20", view(head_hash=bytes(20)), "out_of_range", "32 bytes"),
        ("wall time negative", view(wall_ms=-1), "out_of_range", "unsigned"),
        ("sitter as text", view(sitter="Айгүл"), "wrong_shape", "name and registered"),
        ("registered 1", view(sitter=["Айгүл", 1]), "wrong_shape", "1 is not true"),
        ("name of 82 bytes", view(sitter=["ң" * 41, True]), "out_of_range", "80 bytes"),
        ("name with a bell", view(sitter=["\x07", True]), "bad_text", "control"),
        ("title of 152 bytes", view(ballot=[BALLOT, "ң" * 76, 7, 0]), "out_of_range", "150"),
        ("no answers", view(ballot=[BALLOT, "", 0, 0]), "out_of_range", "a ballot has answers"),
        ("answers 8", view(ballot=[BALLOT, "", 8, 0]), "out_of_range", "three bits"),
        ("remaining of 33 bits", view(ballot=[BALLOT, "", 7, 2**32]), "out_of_range", "32 bits"),
        ("receipt for 0", view(receipt=[0, 1]), "out_of_range", "1 to 3"),
        ("receipt true", view(receipt=[True, 1]), "wrong_shape", "true is not 1"),
        ("receipt alone", view(receipt=[1]), "wrong_shape", "answer and position"),
        ("refusal 256", view(refusal=[1, 256]), "out_of_range", "8 bits"),
        ("floor place negative", view(floor_place=-1), "out_of_range", "unsigned"),
        ("microphone null", view(microphone=None), "wrong_shape", "true or false"),
        ("microphone 0", view(microphone=0), "wrong_shape", "0 is not false"),
        ("speak left as text", view(speak_left_ms="5"), "wrong_shape", "a number"),
        ("notices null", view(notices=None), "wrong_shape", "empty is []"),
        ("five notices", view(notices=[1] * 5), "out_of_range", "4 at most"),
        ("notice null", view(notices=[None]), "wrong_shape", "numbers"),
        ("adopted 1", view(result=[1, 1, 0, 0]), "wrong_shape", "1 is not true"),
        ("result of three", view(result=[True, 1, 0]), "wrong_shape", "four items"),
        ("another terminal", view(terminal="s08"), "foreign_topic", "in the name of s08"),
    ]  # fmt: skip
    cases: list[tuple[str, bytes, str, str]] = [
        (name, mac0(dumps(parts), DOWN), reason, why) for name, parts, reason, why in shapes
    ]
    cases += [
        ("empty", b"", "truncated", "a cleared retained message is no view"),
        ("MAC bit", mac0(dumps(view()), DOWN, spoil=flip), "bad_mac", "one bit flipped"),
        ("the broker's own", mac0(dumps(view()), DOWN, key=bytes(32)), "bad_mac", "no key"),
        ("another seat's", mac0(dumps(view()), "hall/osh/seat/s08/down"), "bad_mac",
         "made for another topic"),
        ("signed", sign1(dumps(view()), DOWN), "wrong_envelope", "views have a MAC"),
        ("513 bytes", sized(513, mac0(bytes(469), DOWN)), "oversized", "a view has at most 512"),
    ]  # fmt: skip
    return [
        {"name": name, "topic": DOWN, "message": message.hex(), "reason": reason, "why": why}
        for name, message, reason, why in cases
    ]


# ---- chains


def chained(history: list[list[Any]]) -> list[bytes]:
    """Sign each event; a `previous` of None becomes the hash of the one before."""
    sealed: list[bytes] = []
    for parts in history:
        if parts[5] is None:
            parts = [*parts[:5], hashlib.sha256(sealed[-1]).digest(), *parts[6:]]
        sealed.append(sign1(dumps(parts)))
    return sealed


HELLO = ["dobush 0.1.0", "seat-a", 1]


def opening() -> list[list[Any]]:
    return [
        event(1, HELLO, boot=4, sequence=0, previous=ZEROS),
        event(2, [BADGE], boot=4, sequence=1, previous=None),
        event(4, PRESS, boot=4, sequence=2, previous=None),
    ]


def chain_case(
    name: str, why: str, reason: str, last: list[Any], history: list[list[Any]] | None = None
) -> Case:
    sealed = chained([*(opening() if history is None else history), last])
    return {"name": name, "why": why, "topic": UP, "reason": reason,
            "history": [message.hex() for message in sealed[:-1]],
            "message": sealed[-1].hex()}  # fmt: skip


def accepted_chains() -> list[Case]:
    whole = chained(opening())
    repeats = []
    for index, name in ((2, "the newest"), (0, "the hello")):
        repeats.append({"name": f"repeat of {name}", "topic": UP, "reason": "repeat",
                        "why": "the same bytes again: the same receipt, no second effect",
                        "history": [message.hex() for message in whole],
                        "message": whole[index].hex()})  # fmt: skip
    return [
        chain_case("the first hello", "names zeros", "admit",
                   event(1, HELLO, boot=1, sequence=0, previous=ZEROS), []),
        chain_case("next in the chain", "number and hash follow", "admit",
                   event(3, [], boot=4, sequence=3, previous=None)),
        chain_case("a new boot", "its hello names the head of the boot before", "admit",
                   event(1, HELLO, boot=5, sequence=0, previous=None)),
        chain_case("boots may be skipped", "a boot that was never heard still counted", "admit",
                   event(1, HELLO, boot=9, sequence=0, previous=None)),
        chain_case("a second hello of an unheard boot",
                   "hello 0 was refused, so hello 1 names the true head", "admit",
                   event(1, HELLO, boot=5, sequence=1, previous=None)),
        *repeats,
    ]  # fmt: skip


def rejected_chains() -> list[Case]:
    newer = [*opening(), event(1, HELLO, boot=5, sequence=1, previous=None)]
    many = [event(1, HELLO, boot=4, sequence=0, previous=ZEROS)]
    many += [event(3, [], boot=4, sequence=number, previous=None) for number in range(1, 34)]
    whole = chained(many)
    old = {"name": "a repeat from long ago", "topic": UP, "reason": "old_sequence",
           "why": "only the newest 32 events are told apart", "message": whole[1].hex(),
           "history": [message.hex() for message in whole]}  # fmt: skip
    return [
        chain_case("replay after a reboot", "boot 4 is over", "old_boot",
                   event(4, PRESS, boot=4, sequence=2, previous=HEAD), newer),
        chain_case("a clone's old boot", "even a hello cannot go back", "old_boot",
                   event(1, HELLO, boot=3, sequence=0, previous=None)),
        chain_case("a refused number again", "hello 0 never got in, and hello 1 did",
                   "old_sequence", event(1, HELLO, boot=5, sequence=0, previous=ZEROS), newer),
        old,
        chain_case("fork of the newest", "number 2 on another answer: two hands on one key",
                   "forked_sequence",
                   event(4, [BALLOT, 2, BADGE], boot=4, sequence=2, previous=HEAD)),
        chain_case("fork of the hello", "number 0 on other bytes", "forked_sequence",
                   event(1, ["other", "seat-a", 1], boot=4, sequence=0, previous=ZEROS)),
        chain_case("wrong previous", "number 3 does not name number 2", "broken_chain",
                   event(3, [], boot=4, sequence=3, previous=HEAD)),
        chain_case("a gap", "number 4 before number 3", "broken_chain",
                   event(3, [], boot=4, sequence=4, previous=None)),
        chain_case("a second hello", "this boot has begun already", "broken_chain",
                   event(1, HELLO, boot=4, sequence=3, previous=None)),
        chain_case("a boot without hello", "a boot begins with a hello", "broken_chain",
                   event(3, [], boot=5, sequence=0, previous=None)),
        chain_case("a hello with zeros", "the controller knows this terminal", "broken_chain",
                   event(1, HELLO, boot=5, sequence=0, previous=ZEROS)),
        chain_case("a first hello with a head", "the controller does not know it", "broken_chain",
                   event(1, HELLO, boot=5, sequence=0, previous=HEAD), []),
    ]  # fmt: skip


# ---- Ed25519, HMAC, ballot hash


RFC8032 = json.loads((Path(__file__).parent / "rfc8032.json").read_text())


def accepted_ed25519() -> list[Case]:
    cases = [dict(case) for case in RFC8032]
    for length in (0, 1, 63, 64, 111, 112, 127, 128, 190, 256):
        seed = hashlib.sha256(b"seed %d" % length).digest()
        key = Ed25519PrivateKey.from_private_bytes(seed)
        message = bytes(index % 251 for index in range(length))
        cases.append({"name": f"{length} bytes", "why": "the edges of SHA-512's blocks",
                      "seed": seed.hex(), "public": key.public_key().public_bytes_raw().hex(),
                      "message": message.hex(), "signature": key.sign(message).hex()})  # fmt: skip
    return cases


SMALL_ORDER = [
    ("neutral", 1), ("order 2", P - 1), ("order 4", 0), ("order 4, sign", 1 << 255),
    ("order 8", int.from_bytes(bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")),
    ("order 8, other", int.from_bytes(bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")),
]  # fmt: skip


def rejected_ed25519() -> list[Case]:
    message = b"dobush"
    good = KEY.sign(message)
    answer = int.from_bytes(good[32:], "little")

    def case(
        name: str, why: str, *, public: bytes = PUBLIC, text: bytes = message,
        signature: bytes = good,
    ) -> Case:  # fmt: skip
        return {"name": name, "why": why, "reason": "bad_signature", "public": public.hex(),
                "message": text.hex(), "signature": signature.hex()}  # fmt: skip

    def little(number: int) -> bytes:
        return number.to_bytes(32, "little")

    other = Ed25519PrivateKey.from_private_bytes(OTHER_SEED).public_key().public_bytes_raw()
    cases = [
        case("other message", "one bit of the message", text=b"dobusi"),
        case("other key", "the wrong key", public=other),
        case("R bit", "one bit of R", signature=bytes([good[0] ^ 1]) + good[1:]),
        case("R sign", "the sign bit of R", signature=good[:31] + flip128(good[31:])),
        case("S bit", "one bit of S", signature=good[:32] + flip(good[32:])),
        case("S plus order", "S must be below the order", signature=good[:32]
             + little(answer + ORDER)),
        case("S is the order", "S must be below the order", signature=good[:32] + little(ORDER)),
        case("all ones", "S and R far out of range", signature=b"\xff" * 64),
        case("all zeros", "R of order 4, S of 0", signature=bytes(64)),
        case("63 bytes", "one byte short", signature=good[:63]),
        case("65 bytes", "one byte long", signature=good + b"\x00"),
        case("public of 31", "one byte short", public=PUBLIC[:31]),
        case("A off the curve", "no x for y = 2", public=little(2)),
        case("R off the curve", "no x for y = 2", signature=little(2) + good[32:]),
        case("A not canonical", "y = p + 3, where y = 3 is a point", public=little(P + 3)),
        case("R not canonical", "y = p + 3", signature=little(P + 3) + good[32:]),
        case("A is p", "y = p is a second name for 0", public=little(P)),
        case("A of minus zero", "x = 0 with the sign bit", public=little(1 | 1 << 255)),
        case("R of minus zero", "x = 0 with the sign bit",
             signature=little(1 | 1 << 255) + bytes(32)),
    ]  # fmt: skip
    for name, number in SMALL_ORDER:
        # with A of small order, R = A's multiple and S = 0 satisfy a lax equation for some messages
        cases.append(case(f"A small: {name}", "a key of small order accepts forgeries",
                          public=little(number), signature=little(1) + bytes(32)))  # fmt: skip
        cases.append(case(f"R small: {name}", "a commitment of small order hides nothing",
                          signature=little(number) + good[32:]))  # fmt: skip
    return cases


def flip128(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 128])


def accepted_hmac() -> list[Case]:
    """RFC 4231, cases 1 to 4, 6 and 7; case 5 is about truncation, which we do not do."""
    inputs = [
        ("RFC 4231 case 1", b"\x0b" * 20, b"Hi There"),
        ("RFC 4231 case 2", b"Jefe", b"what do ya want for nothing?"),
        ("RFC 4231 case 3", b"\xaa" * 20, b"\xdd" * 50),
        ("RFC 4231 case 4", bytes(range(1, 26)), b"\xcd" * 50),
        ("RFC 4231 case 6", b"\xaa" * 131,
         b"Test Using Larger Than Block-Size Key - Hash Key First"),
        ("RFC 4231 case 7", b"\xaa" * 131,
         b"This is a test using a larger than block-size key and a larger than block-size data."
         b" The key needs to be hashed before being used by the HMAC algorithm."),
        ("empty", b"", b""),
        ("a terminal's key", MAC_KEY, bytes(120)),
        ("a key of one block", bytes(range(64)), b"x"),
        ("a key of one block and a byte", bytes(range(65)), b"x"),
    ]  # fmt: skip
    return [
        {"name": name, "why": "HMAC-SHA-256", "key": key.hex(), "data": data.hex(),
         "mac": hmac.new(key, data, "sha256").hexdigest()}
        for name, key, data in inputs
    ]  # fmt: skip


def accepted_ballot_hashes() -> list[Case]:
    parts = [
        "dobush-ballot-v1", "osh", "2026-11-23", "v1", "i3",
        ["О бюджете города", "Шаардын бюджети жөнүндө", "On the city's budget"],
        ["for", "against", "abstain"], "open_named", "kr-session",
        hashlib.sha256(b"a roster").digest(), 812, hashlib.sha256(b"a checkpoint").digest(),
    ]  # fmt: skip
    return [{"name": "a ballot", "why": "what a press consents to, in one hash",
             "value": plain(parts), "hex": dumps(parts).hex(),
             "hash": hashlib.sha256(dumps(parts)).hexdigest()}]  # fmt: skip


def rejected_topics() -> list[Case]:
    topics = [
        ("", "empty"), ("hall/osh/seat/s07", "four parts"), ("hall/osh/seat/s07/up/", "a sixth"),
        ("/hall/osh/seat/s07/up", "a leading slash"), ("hall/osh/seat/s07/upp", "no direction"),
        ("hall/osh/seat/S07/up", "capitals"), ("hall//seat/s07/up", "no hall"),
        ("hall/osh/seat//up", "no terminal"), ("hall/osh/seat/+/up", "a wildcard"),
        ("hall/#", "a deep wildcard"), ("hall/osh/seat/s07\n/up", "a line feed"),
        ("hall/osh/seat/" + "a" * 17 + "/up", "17 characters"),
        ("hall/osh/desk/s07/up", "not a seat"), ("hall/ош/seat/s07/up", "not ASCII"),
    ]  # fmt: skip
    return [
        {"name": why, "why": why, "topic": topic, "reason": "foreign_topic"}
        for topic, why in topics
    ]


def files() -> dict[str, str]:
    """Every vector file's path under protocol/vectors and its text."""
    signed = {"seed": SEED.hex(), "public": PUBLIC.hex()}
    keyed = {"mac_key": MAC_KEY.hex()}
    shapes = rejected_shapes()
    contents: dict[str, tuple[str, Case, list[Case]]] = {
        "accepted/cbor.json": ("Values and their one encoding.", {}, accepted_cbor()),
        "accepted/events.json": ("Signed events.", signed, accepted_events()),
        "accepted/heartbeats.json": ("Heartbeats.", keyed, accepted_macs(HEARTBEATS, "alive")),
        "accepted/views.json": ("Views.", keyed, accepted_macs(VIEWS, "down")),
        "accepted/chains.json": ("Admitted or repeated after a history.", signed,
                                 accepted_chains()),
        "accepted/ed25519.json": ("RFC 8032, 7.1, and more signatures.", {}, accepted_ed25519()),
        "accepted/hmac.json": ("RFC 4231 and more tags.", {}, accepted_hmac()),
        "accepted/ballot_hashes.json": ("What a press consents to.", {}, accepted_ballot_hashes()),
        "rejected/cbor.json": ("Bytes that are nobody's encoding.", {}, rejected_cbor()),
        "rejected/event_envelopes.json": ("Events that are not properly signed.", signed,
                                          rejected_event_envelopes()),
        "rejected/event_heads.json": ("Well signed, wrong before the body.", signed, shapes[:36]),
        "rejected/event_bodies.json": ("Well signed, wrong in the body.", signed, shapes[36:]),
        "rejected/heartbeats.json": ("Heartbeats.", keyed, rejected_heartbeats()),
        "rejected/views.json": ("Views.", keyed, rejected_views()),
        "rejected/chains.json": ("Well signed, refused after a history.", signed,
                                 rejected_chains()),
        "rejected/ed25519.json": ("Signatures that no verifier may take.", {}, rejected_ed25519()),
        "rejected/topics.json": ("No topics of a seat.", {}, rejected_topics()),
    }  # fmt: skip
    return {
        path: json.dumps({"about": about, **keys, "cases": cases}, ensure_ascii=False, indent=1)
        + "\n"
        for path, (about, keys, cases) in contents.items()
    }


if __name__ == "__main__":
    for path, text in files().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote vectors/{path}\n")
