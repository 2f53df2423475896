"""Messages that are wrong in one way each, and the reason that each must earn."""

from __future__ import annotations

import struct
from typing import Any

import cbor2

from tests.protocol.vector_sealing import (
    ALIVE,
    BADGE,
    BALLOT,
    DOWN,
    HEAD,
    OTHER_SEED,
    PRESS,
    UP,
    Case,
    dumps,
    event,
    flip,
    heartbeat,
    mac0,
    plus_order,
    sign1,
    sized,
    view,
)


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
