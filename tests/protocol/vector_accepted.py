"""The accepted messages: every position by hand, sealed by cbor2 and cryptography."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.protocol.vector_sealing import (
    BADGE,
    BALLOT,
    EDDSA,
    PRESS,
    ZEROS,
    Case,
    dumps,
    event,
    heartbeat,
    mac0,
    plain,
    sign1,
    topic_of,
    view,
)

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
