"""What is committed and written beside the code is true: vectors, numbers, tables, examples."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from controller.core.ballot import ballot_hash
from controller.core.facts import Text
from controller.core.refusals import RefusalReason
from protocol import limits, notice_codes, refusal_codes, wire_errors
from tests.protocol import make_vectors

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "protocol"
SPEC = (PROTOCOL / "SPEC.md").read_text()


def test_the_committed_vectors_are_what_their_maker_writes() -> None:
    made = make_vectors.files()
    there = {
        path.relative_to(PROTOCOL / "vectors").as_posix(): path.read_text(encoding="utf-8")
        for path in (PROTOCOL / "vectors").glob("*/*.json")
    }
    assert sorted(there) == sorted(made)
    for path, text in made.items():
        assert there[path] == text, path


def test_every_vector_says_why_and_every_rejected_one_has_a_known_reason() -> None:
    reasons = set(wire_errors.NAMES.values())
    for path in (PROTOCOL / "vectors").glob("*/*.json"):
        cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
        names = [case["name"] for case in cases]
        assert len(set(names)) == len(names), path.name
        for case in cases:
            assert case["why"], case["name"]
            if path.parent.name == "rejected":
                assert case["reason"] in reasons, case["name"]


def test_every_reason_that_bytes_alone_can_earn_has_a_rejected_vector() -> None:
    seen = {
        case["reason"]
        for path in (PROTOCOL / "vectors/rejected").glob("*.json")
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
    }
    known_to_the_controller_only = {"unknown_terminal", "revoked_terminal", "rate_limited"}
    assert set(wire_errors.NAMES.values()) - seen == known_to_the_controller_only


def test_every_refusal_of_a_seat_s_event_has_a_number() -> None:
    text = (ROOT / "controller/core/refusals.py").read_text()
    part = text[text.index("# a seat's event") : text.index("# the chair's")]
    seat = set(re.findall(r'= "([a-z_]+)"', part))
    assert seat <= {str(reason) for reason in RefusalReason}
    assert set(refusal_codes.CODES) == seat | {"broken_chain", "rate_limited"}


def test_the_controller_hashes_a_ballot_as_the_spec_says() -> None:
    text = (PROTOCOL / "vectors/accepted/ballot_hashes.json").read_text(encoding="utf-8")
    for case in json.loads(text)["cases"]:
        _, hall, sitting, vote, item, question, answers, form, rule, roster, size, root = case[
            "value"
        ]
        assert form == "open_named"
        found = ballot_hash(
            hall=hall, sitting=sitting, vote=vote, item=item, question=Text(*question),
            answers=answers, rule=rule, roster=bytes.fromhex(roster["bytes"]),
            checkpoint_size=size, checkpoint_root=bytes.fromhex(root["bytes"]),
        )  # fmt: skip
        assert found.hex() == case["hash"]


def test_the_spec_has_every_number_and_its_name() -> None:
    for names in (wire_errors.NAMES, refusal_codes.NAMES, notice_codes.NAMES):
        for number, name in names.items():
            assert re.search(rf"^\| {number} \| `{name}` \|", SPEC, re.MULTILINE), name


def test_the_spec_has_the_limits() -> None:
    for name in ("EVENT_BYTES_MAX", "HEARTBEAT_BYTES_MAX", "VIEW_BYTES_MAX", "TOPIC_BYTES_MAX",
                 "TITLE_BYTES_MAX", "SITTER_NAME_BYTES_MAX", "DETAIL_BYTES_MAX"):  # fmt: skip
        assert f" {getattr(limits, name)} bytes" in SPEC, name


def test_the_spec_s_worked_examples_are_vectors() -> None:
    def case(path: str, name: str) -> dict[str, str]:
        cases = json.loads((PROTOCOL / "vectors/accepted" / path).read_text(encoding="utf-8"))
        found: dict[str, str] = next(one for one in cases["cases"] if one["name"] == name)
        return found

    bare = re.sub(r"\s", "", re.sub(r"#[^\n]*", "", SPEC))
    press = case("events.json", "press_for")
    for part in ("payload", "signed_bytes", "message", "event_hash"):
        assert press[part] in bare, part
    ballot = case("ballot_hashes.json", "a ballot")
    assert ballot["hash"] in bare and ballot["hex"] in bare
    assert hashlib.sha256(bytes.fromhex(press["message"])).hexdigest() == press["event_hash"]


def test_the_seat_s_path_loads_no_verifier_and_no_generator() -> None:
    code = (
        "import sys, protocol.sealed, protocol.replay, protocol.refusal_codes\n"
        "loaded = {name for name in sys.modules if name.startswith('protocol.')}\n"
        "print(sorted(loaded & {'protocol.ed25519_verify', 'protocol.make_ed25519_table',"
        " 'protocol.sha512_native'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
