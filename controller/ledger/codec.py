"""Facts and leaves as bytes: deterministic CBOR (RFC 8949, 4.2), decoded strictly. Pure.

A fact's body is the map of its fields with the key ``kind``. All keys are text, so that the shorter
key comes first and keys of one length are in the order of their bytes. What does not encode back to
the same bytes was not written by us and is refused.
"""

from __future__ import annotations

from typing import get_args

import cbor2
import msgspec

from controller.core.facts import AnyFact, Fact
from controller.ledger.port import Draft, Entry, LedgerDamaged

DEPTH_MAX = 8

# one class at a time: msgspec works a union out anew at every call, forty times slower
_SHAPES: dict[str, type[AnyFact]] = {
    str(shape.__struct_config__.tag): shape for shape in get_args(AnyFact)
}


def encode_fact(fact: Fact) -> bytes:
    """The fact's body."""
    return cbor2.dumps(msgspec.to_builtins(fact, builtin_types=(bytes,)), canonical=True)


def draft_of(fact: Fact, at_ms: int, wall_ms: int, evidence: bytes | None = None) -> Draft:
    """The fact, ready to be appended."""
    return Draft(kind_of(fact), encode_fact(fact), at_ms, wall_ms, evidence)


def kind_of(fact: Fact) -> str:
    """The fact's tag, which is its entry's kind."""
    kind = type(fact).__struct_config__.tag
    assert isinstance(kind, str), "facts are tagged with names"
    return kind


def fact_of(entry: Entry) -> AnyFact:
    """The entry's fact. Raises LedgerDamaged, with the position, for anything unknown."""
    shape = _SHAPES.get(entry.fact_kind)
    if shape is None:
        raise LedgerDamaged(entry.position, f"unknown kind {entry.fact_kind!r}")
    try:
        fields = cbor2.loads(
            entry.body, max_depth=DEPTH_MAX, allow_indefinite=False, allow_duplicate_keys=False
        )
        fact: AnyFact = msgspec.convert(fields, shape)
    except (cbor2.CBORDecodeError, msgspec.ValidationError) as error:
        detail = f"no fact of kind {entry.fact_kind!r}: {error}"
        raise LedgerDamaged(entry.position, detail) from error
    if encode_fact(fact) != entry.body:
        raise LedgerDamaged(entry.position, "the body is not the fact's deterministic form")
    return fact


def leaf_bytes(entry: Entry) -> bytes:
    """The entry as the tree hashes it: [position, kind, at_ms, wall_ms, body, evidence or null]."""
    return cbor2.dumps(
        (
            entry.position,
            entry.fact_kind,
            entry.at_ms,
            entry.wall_ms,
            entry.body,
            entry.evidence,
        ),
        canonical=True,
    )
