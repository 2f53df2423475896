"""Facts become deterministic CBOR and come back; anything else is refused at its position."""

from __future__ import annotations

from typing import get_args

import cbor2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.facts import AnyFact, BallotCast, ControllerStarted, Fact, SeatLost
from controller.ledger.codec import draft_of, encode_fact, fact_of, kind_of, leaf_bytes
from controller.ledger.port import Entry, LedgerDamaged

KINDS = get_args(AnyFact)


def entry(kind: str, body: bytes, position: int = 41) -> Entry:
    return Entry(position, kind, body, 5, 6, None)


def facts() -> st.SearchStrategy[AnyFact]:
    """Any fact of any kind, with all its parts."""
    return st.one_of([st.from_type(kind) for kind in KINDS])


@settings(max_examples=300, deadline=None)
@given(facts())
def test_every_fact_comes_back_as_it_was(fact: AnyFact) -> None:
    draft = draft_of(fact, 5, 6)
    assert fact_of(entry(draft.fact_kind, draft.body)) == fact
    assert encode_fact(fact) == draft.body


def test_every_kind_of_fact_has_its_own_name() -> None:
    kinds = {kind.__struct_config__.tag for kind in KINDS}
    assert len(kinds) == len(KINDS)
    assert {kind.__name__ for kind in Fact.__subclasses__()} == {kind.__name__ for kind in KINDS}
    assert kind_of(SeatLost("s1")) == "seat_lost"


def test_the_bytes_of_one_fact_are_these() -> None:
    """Written out by hand from RFC 8949: shorter keys first, then in the order of bytes."""
    body = (
        b"\xa5"
        b"\x64kind\x6bballot_cast"
        b"\x64vote\x62v1"
        b"\x66answer\x63for"
        b"\x66deputy\x62d7"
        b"\x68terminal\x63s01"
    )
    assert encode_fact(BallotCast("v1", "d7", "s01", "for")) == body
    leaf = (
        b"\x86"
        b"\x18\x29" + b"\x6bballot_cast" + b"\x05" + b"\x06" + b"\x58" + bytes([len(body)]) + body
    )
    assert leaf_bytes(entry("ballot_cast", body)) == leaf + b"\xf6"
    with_evidence = Entry(41, "ballot_cast", body, 5, 6, b"\xd2\x84")
    assert leaf_bytes(with_evidence) == leaf + b"\x42\xd2\x84"


GOOD = encode_fact(SeatLost("s01"))


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("seat_found", GOOD, "unknown kind"),
        ("seat_restored", GOOD, "no fact of kind 'seat_restored'"),
        ("seat_lost", b"", "no fact"),
        ("seat_lost", GOOD[:-1], "no fact"),
        ("seat_lost", GOOD + b"\x00", "deterministic"),
        ("seat_lost", b"\xbf" + GOOD[1:] + b"\xff", "no fact"),
        ("seat_lost", b"\xb8\x02" + GOOD[1:], "deterministic"),
        ("seat_lost", cbor2.dumps({"terminal": "s01", "kind": "seat_lost"}), "deterministic"),
        ("seat_lost", cbor2.dumps({"terminal": "s01"}), "no fact|deterministic"),
        ("seat_lost", b"\xa2" + GOOD[1:16] + GOOD[1:16], "no fact"),
        (
            "seat_lost",
            cbor2.dumps({"kind": "seat_lost", "terminal": "s01", "x": 1}, canonical=True),
            "deterministic",
        ),
        ("seat_lost", cbor2.dumps({"kind": "seat_lost", "terminal": 1}, canonical=True), "no fact"),
        ("seat_lost", cbor2.dumps(["seat_lost"]), "no fact"),
        ("seat_lost", b"\x81" * 20 + b"\x00", "no fact"),
        ("seat_lost", b"\x9b" + b"\xff" * 8, "no fact"),
        ("seat_lost", b"\x5b\x7f" + b"\xff" * 7, "no fact"),
        ("seat_lost", b"\xa1\x80\x00", "no fact"),
        ("seat_lost", b"\xa1\xa0\x00", "no fact"),
        ("seat_lost", b"\xc0\x61x", "no fact"),
        ("seat_lost", b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01", "no fact"),
        ("seat_lost", b"\xd8\x1d\x00", "no fact"),
        ("seat_lost", b"\xd8\x23\x61(", "no fact"),
        (
            "terminal_enrolled",
            cbor2.dumps(
                {"kind": "terminal_enrolled", "terminal": "s", "public_key": "AAAA"}, canonical=True
            ),
            "deterministic",
        ),
        (
            "ballot_cast",
            encode_fact(BallotCast("v1", "d1", "s1", "for")).replace(b"\x63for", b"\x65maybe"),
            "no fact",
        ),
    ],
)
def test_bytes_that_we_did_not_write_are_refused_at_their_position(
    kind: str, body: bytes, reason: str
) -> None:
    with pytest.raises(LedgerDamaged, match=reason) as refused:
        fact_of(entry(kind, body, position=77))
    assert refused.value.position == 77
    assert "at entry 77" in str(refused.value)


@settings(max_examples=1000)
@given(st.sampled_from(KINDS), st.binary(max_size=60))
def test_any_bytes_at_all_are_a_fact_or_refused(kind: type[AnyFact], body: bytes) -> None:
    """No other error than LedgerDamaged, whatever a CBOR decoder makes of the bytes."""
    try:
        fact = fact_of(entry(str(kind.__struct_config__.tag), body))
    except LedgerDamaged:
        return
    assert encode_fact(fact) == body


@settings(max_examples=400)
@given(st.data())
def test_a_changed_byte_of_a_body_is_another_fact_or_refused(data: st.DataObject) -> None:
    body = encode_fact(ControllerStarted(3, "0.1.0"))
    index = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body)
    changed[index] ^= data.draw(st.integers(1, 255))
    try:
        fact = fact_of(entry("controller_started", bytes(changed)))
    except LedgerDamaged:
        return
    assert fact != ControllerStarted(3, "0.1.0")
    assert encode_fact(fact) == bytes(changed)
    assert isinstance(fact, msgspec.Struct)
