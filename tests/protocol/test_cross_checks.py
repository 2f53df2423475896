"""The wire's own code against cbor2, cryptography and the standard library, on invented input."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import (
    canonical_cbor,
    ed25519,
    ed25519_verify,
    fields,
    hmac_sha256,
    make_ed25519_table,
    messages,
    sealed,
    sha512_portable,
    sha512_words,
)
from protocol.canonical_cbor import Tagged
from protocol.wire_errors import WireError

PROTOCOL = Path(__file__).resolve().parents[2] / "protocol"
known = settings(deadline=None, derandomize=True, max_examples=300)
few = settings(deadline=None, derandomize=True, max_examples=40)

integers = st.integers(-(2**64), 2**64 - 1)
scalars = (
    st.none() | st.booleans() | integers | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 2**64 - 1), inner, max_size=4)
        | inner.map(lambda value: Tagged(18, value))
    ),
    max_leaves=12,
)


def depth(value: Any) -> int:
    if isinstance(value, Tagged):
        return 1 + depth(value.value)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


def for_cbor2(value: Any) -> Any:
    if isinstance(value, Tagged):
        return cbor2.CBORTag(value.tag, for_cbor2(value.value))
    if isinstance(value, list):
        return [for_cbor2(item) for item in value]
    if isinstance(value, dict):
        return {key: for_cbor2(item) for key, item in value.items()}
    return value


@known
@given(values.filter(lambda value: depth(value) <= 6))
def test_values_are_encoded_as_cbor2_encodes_them_and_come_back(value: Any) -> None:
    data = canonical_cbor.encode(value)
    assert data == cbor2.dumps(for_cbor2(value), canonical=True)
    back = canonical_cbor.decode(data, 100_000)
    assert back == value
    assert canonical_cbor.encode(back) == data


@known
@given(st.binary(max_size=60))
def test_random_bytes_are_refused_or_are_their_value_s_encoding(data: bytes) -> None:
    try:
        value = canonical_cbor.decode(data)
    except WireError:
        return
    assert canonical_cbor.encode(value) == data


@known
@given(values.filter(lambda value: depth(value) <= 6), st.data())
def test_a_changed_byte_is_refused_or_is_another_value_s_encoding(
    value: Any, data: st.DataObject
) -> None:
    changed = bytearray(canonical_cbor.encode(value))
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        other = canonical_cbor.decode(bytes(changed), 100_000)
    except WireError:
        return
    assert canonical_cbor.encode(other) == bytes(changed)


@known
@given(st.binary(max_size=12))
def test_our_utf8_is_cpython_s_strict_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        with pytest.raises(WireError):
            canonical_cbor.check_utf8(data)
    else:
        canonical_cbor.check_utf8(data)


def test_our_utf8_is_cpython_s_strict_utf8_for_every_lead_and_every_edge() -> None:
    edges = [0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xF4, 0xFF]
    for lead in range(256):
        for second in edges:
            for third in edges:
                for data in (
                    bytes([lead]), bytes([lead, second]), bytes([lead, second, third]),
                    bytes([lead, second, third, 0x80]), bytes([lead, second, third, 0x61]),
                ):  # fmt: skip
                    try:
                        data.decode()
                        valid = True
                    except UnicodeDecodeError:
                        valid = False
                    try:
                        canonical_cbor.check_utf8(data)
                        ours = True
                    except WireError:
                        ours = False
                    assert ours == valid, data


@few
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_signatures_are_those_of_cryptography(seed: bytes, message: bytes) -> None:
    theirs = Ed25519PrivateKey.from_private_bytes(seed)
    public = theirs.public_key().public_bytes_raw()
    assert ed25519.public_key(seed) == public
    signature = ed25519.sign(seed, message)
    assert signature == theirs.sign(message)
    assert ed25519_verify.verify(public, message, signature)


@few
@given(
    st.binary(min_size=32, max_size=32), st.binary(max_size=40),
    st.integers(0, 95), st.integers(0, 7),
)  # fmt: skip
def test_a_flipped_bit_is_refused_by_both_verifiers(
    seed: bytes, message: bytes, at: int, bit: int
) -> None:
    whole = bytearray(ed25519.public_key(seed) + ed25519.sign(seed, message))
    whole[at] ^= 1 << bit
    public, signature = bytes(whole[:32]), bytes(whole[32:])
    assert not ed25519_verify.verify(public, message, signature)
    with pytest.raises((InvalidSignature, ValueError)):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def test_cryptography_verifies_the_rfc_s_and_all_our_vectors() -> None:
    file = json.loads((PROTOCOL / "vectors/accepted/ed25519.json").read_text())
    names = [case["name"] for case in file["cases"]]
    assert names[:5] == ["TEST 1", "TEST 2", "TEST 3", "TEST 1024", "TEST SHA(abc)"]
    for case in file["cases"]:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public"]))
        public.verify(bytes.fromhex(case["signature"]), bytes.fromhex(case["message"]))


def test_what_cryptography_accepts_of_the_rejected_is_of_small_order_only() -> None:
    """A verifier over OpenSSL must itself refuse A (at enrolment) and R of small order."""
    file = json.loads((PROTOCOL / "vectors/rejected/ed25519.json").read_text())
    accepted = 0
    for case in file["cases"]:
        public, signature = bytes.fromhex(case["public"]), bytes.fromhex(case["signature"])
        try:
            key = Ed25519PublicKey.from_public_bytes(public)
            key.verify(signature, bytes.fromhex(case["message"]))
        except (InvalidSignature, ValueError):
            continue
        accepted += 1
        commitment = ed25519_verify.decode_point(signature[:32])
        small = commitment is not None and ed25519_verify.has_small_order(commitment)
        assert small or not ed25519_verify.is_sound_public_key(public), case["name"]
    assert accepted > 0, "the hostile vectors do not reach the difference"


@known
@given(st.binary(max_size=150), st.binary(max_size=300))
def test_macs_are_those_of_the_standard_library(key: bytes, data: bytes) -> None:
    assert hmac_sha256.mac(key, data) == hmac.new(key, data, "sha256").digest()


@few
@given(st.binary(max_size=400))
def test_plain_sha512_is_that_of_the_standard_library(data: bytes) -> None:
    assert sha512_portable.digest(data) == hashlib.sha512(data).digest()


def test_the_words_of_sha512_are_the_fractions_of_roots_of_primes() -> None:
    primes = [n for n in range(2, 410) if all(n % d for d in range(2, n))][:80]

    def fraction(number: int, power: int) -> int:
        low, high = 0, 1 << 70
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if middle**power <= number << 64 * power else (low, middle)
        return low % 2**64

    constants = b"".join(fraction(prime, 3).to_bytes(8, "big") for prime in primes)
    start = b"".join(fraction(prime, 2).to_bytes(8, "big") for prime in primes[:8])
    assert (constants, start) == (sha512_words.ROUND_CONSTANTS, sha512_words.INITIAL_STATE)


def test_the_committed_table_is_what_its_maker_writes() -> None:
    committed = (PROTOCOL / ed25519.TABLE_NAME).read_bytes()
    assert committed == make_ed25519_table.table()
    assert hashlib.sha256(committed).digest() == ed25519.TABLE_SHA256


def test_a_damaged_or_short_table_signs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (PROTOCOL / ed25519.TABLE_NAME).read_bytes()
    for name, data in (("damaged", whole[:-1] + b"\x00"), ("short", whole[:-1]), ("empty", b"")):
        path = tmp_path / name
        path.write_bytes(data)
        monkeypatch.setattr(ed25519, "_TABLE_PATH", str(path))
        monkeypatch.setattr(ed25519, "_checked", [])
        with pytest.raises(ValueError, match="table"):
            ed25519.SigningKey(bytes(32))


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=16)
hashes = st.binary(min_size=32, max_size=32)
uint8, uint16, uint32, uint64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))
badges = st.binary(min_size=4, max_size=10)
answers = st.integers(1, 3)


def words(bytes_max: int) -> st.SearchStrategy[str]:
    return st.text(max_size=bytes_max).map(lambda text: fields.fit_text(text, bytes_max))


bodies = st.one_of(
    st.builds(messages.Hello, words(24), words(24), uint8),
    st.builds(messages.BadgePresent, badges),
    st.builds(messages.BadgeGone),
    st.builds(messages.Press, hashes, answers, badges),
    st.builds(messages.FloorRequest),
    st.builds(messages.FloorWithdraw),
    st.builds(messages.ServiceReport, uint16, words(64)),
)
events = st.builds(
    lambda terminal, boot, sequence, previous, revision, body: messages.Event(
        messages.type_of(body), terminal, boot, sequence, previous, revision, body
    ),
    names, st.integers(1, 2**32 - 1), uint32, hashes, uint64, bodies,
)  # fmt: skip
heartbeats = st.builds(
    messages.Heartbeat,
    names, st.integers(1, 2**32 - 1), uint32, uint32, uint32, st.integers(0, 16), uint64,
    st.integers(0, 3), uint32,
)  # fmt: skip
views = st.builds(
    messages.View,
    names, uint64, uint32, uint32, hashes, uint64, st.integers(0, 2),
    st.none() | st.builds(messages.Sitter, words(80), st.booleans()),
    st.integers(0, 7),
    st.none() | st.builds(messages.ShownBallot, hashes, words(150), st.integers(1, 7), uint32),
    st.none() | st.builds(messages.Receipt, answers, uint64),
    st.none() | st.builds(messages.Refusal, uint32, uint8),
    st.none() | uint16, st.booleans(), st.none() | uint32,
    st.lists(uint16, max_size=4).map(tuple),
    st.none() | st.builds(messages.ShownResult, st.booleans(), uint16, uint16, uint16),
)  # fmt: skip


def bare(value: Any) -> Any:
    return [bare(item) for item in value] if isinstance(value, tuple) else value


@few
@given(events)
def test_every_event_is_a_cose_sign1_that_cryptography_verifies(event: messages.Event) -> None:
    seed, topic = bytes(range(32)), f"hall/osh/seat/{event.terminal}/up"
    message = sealed.seal_event(seed, event, topic)
    envelope = cbor2.loads(message)
    protected, unprotected, payload, signature = envelope.value
    assert (envelope.tag, protected, unprotected) == (18, b"\xa1\x01\x27", {})
    signed = cbor2.dumps(["Signature1", protected, topic.encode(), payload])
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    public.verify(signature, signed)
    assert cbor2.loads(payload) == [1, *bare(event)]

    def verify(data: bytes, proof: bytes) -> bool:
        public.verify(proof, data)
        return True

    assert sealed.open_event(message, topic, verify) == event


@known
@given(heartbeats)
def test_every_heartbeat_is_a_cose_mac0(heartbeat: messages.Heartbeat) -> None:
    key, topic = bytes(32), f"hall/osh/seat/{heartbeat.terminal}/alive"
    message = sealed.seal_heartbeat(key, heartbeat, topic)
    check_mac0(message, key, topic, [1, 32, *bare(heartbeat)])
    assert sealed.open_heartbeat(message, key, topic) == heartbeat


@known
@given(views)
def test_every_view_is_a_cose_mac0_of_at_most_512_bytes(view: messages.View) -> None:
    key, topic = bytes(32), f"hall/osh/seat/{view.terminal}/down"
    message = sealed.seal_view(key, view, topic)
    assert len(message) <= 512
    check_mac0(message, key, topic, [1, 64, *bare(view)])
    assert sealed.open_view(message, key, topic) == view


def check_mac0(message: bytes, key: bytes, topic: str, payload_value: list[Any]) -> None:
    envelope = cbor2.loads(message)
    protected, unprotected, payload, tag = envelope.value
    assert (envelope.tag, protected, unprotected) == (17, b"\xa1\x01\x05", {})
    under = cbor2.dumps(["MAC0", protected, topic.encode(), payload])
    assert tag == hmac.new(key, under, "sha256").digest()
    assert cbor2.loads(payload) == payload_value


@known
@given(values.filter(lambda value: depth(value) <= 6))
def test_no_strange_payload_breaks_a_decoder(value: Any) -> None:
    payload = canonical_cbor.encode(value)
    for decode in (messages.decode_event, messages.decode_heartbeat, messages.decode_view):
        with pytest.raises(WireError):
            decode(payload)


@known
@given(views, st.integers(0, 18), scalars)
def test_a_view_with_one_strange_field_is_refused_or_is_a_view(
    view: messages.View, at: int, strange: Any
) -> None:
    parts = [1, 64, *bare(view)]
    parts[at] = strange
    payload = canonical_cbor.encode(parts)
    try:
        found = messages.decode_view(payload)
    except WireError:
        return
    assert messages.encode_view(found) == payload
