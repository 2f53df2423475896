"""messages.cddl is true: what is sealed has its shape, and what has another shape is refused.

pycddl 0.6 cannot follow `.cbor` inside an array, nor choose well between null and arrays that
stand in an array. So the envelope is checked with its payload as plain bytes, the payload under
its own rule, and a view's choices are made beforehand: null where the value is null.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import cbor2
import pycddl
import pytest

PROTOCOL = Path(__file__).resolve().parents[2] / "protocol"
CDDL = (PROTOCOL / "messages.cddl").read_text()
BARE = re.sub(r"bstr \.cbor [^;\n]*", "bstr", CDDL)
EVENT_RULES = [
    "hello-event",
    "badge-present-event",
    "badge-gone-event",
    "press-event",
    "floor-request-event",
    "floor-withdraw-event",
    "service-report-event",
]


# positions of the view's choices between an array and null
CHOICES = {9: "sitter", 11: "ballot", 12: "receipt", 13: "refusal", 18: "result"}


@functools.cache
def schema(rule: str, *nulls: str) -> pycddl.Schema:
    text = BARE
    for name in CHOICES.values():
        chosen = "null" if name in nulls else f"shown-{name}"
        text = text.replace(f"maybe-{name} = shown-{name} / null", f"maybe-{name} = {chosen}")
    return pycddl.Schema(f"root = {rule}\n{text}")


def schema_of(rule: str, payload: bytes) -> pycddl.Schema:
    value = cbor2.loads(payload)
    if rule != "view" or not isinstance(value, list) or len(value) != 19:
        return schema(rule)
    return schema(rule, *[name for at, name in CHOICES.items() if value[at] is None])


def cases(path: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((PROTOCOL / "vectors" / path).read_text())["cases"]
    return found


def rule_of(payload: bytes) -> str:
    kind = cbor2.loads(payload)[1]
    return {32: "heartbeat", 64: "view"}.get(kind) or EVENT_RULES[kind - 1]


@pytest.mark.parametrize("name", ["events", "heartbeats", "views"])
def test_every_accepted_message_has_the_shape_of_the_cddl(name: str) -> None:
    for case in cases(f"accepted/{name}.json"):
        schema("sealed-" + name[:-1]).validate_cbor(bytes.fromhex(case["message"]))
        payload = bytes.fromhex(case["payload"])
        schema_of(rule_of(payload), payload).validate_cbor(payload)


# pycddl sees these shapes only partly: text rules are prose in the CDDL, and it passes over
# items of an array that stands inside an array
UNSEEN = {"bad_text", "not_deterministic", "trailing_bytes", "foreign_topic"}


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("rejected/event_heads.json", "press-event"),
        ("rejected/heartbeats.json", "heartbeat"),
        ("rejected/views.json", "view"),
    ],
)
def test_a_wrong_shape_outside_nested_arrays_is_refused_by_the_cddl_too(
    path: str, rule: str
) -> None:
    refused = 0
    for case in cases(path):
        if case["reason"] not in {"wrong_shape", "out_of_range", "wrong_version", "unknown_type"}:
            continue
        message = bytes.fromhex(case["message"])
        payload = cbor2.loads(message).value[2]
        value = cbor2.loads(payload)
        nested = isinstance(value, list) and any(isinstance(item, list) for item in value[2:])
        try:
            schema_of(rule, payload).validate_cbor(payload)
        except pycddl.ValidationError:
            refused += 1
        else:
            assert nested, case["name"]
    assert refused >= 5


def test_every_rule_of_the_cddl_is_used() -> None:
    rules = re.findall(r"^([a-z0-9-]+) =", CDDL, re.MULTILINE)
    assert len(rules) == len(set(rules))
    code = re.sub(r";[^\n]*", "", CDDL)
    for rule in rules:
        assert rule == "message" or len(re.findall(rf"(?<![\w-]){rule}(?![\w-])", code)) > 1, rule
