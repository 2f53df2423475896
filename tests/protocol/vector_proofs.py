"""Signatures, tags, ballot hashes and topics; the RFC's own vectors are in rfc8032.json."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.protocol.vector_sealing import (
    KEY,
    MAC_KEY,
    ORDER,
    OTHER_SEED,
    PUBLIC,
    SEED,
    Case,
    P,
    dumps,
    flip,
    plain,
)

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


def scalar_of(seed: bytes) -> int:
    """The secret scalar of a seed, as RFC 8032 derives it."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & (2**254 - 8) | 2**254


def challenge(commitment: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little")


def forged(public: bytes, message: bytes) -> tuple[bytes, bytes]:
    """A signature without a secret: R = r B and S = r, where 8 divides k and so k A vanishes."""
    for number in range(10_000):
        seed = hashlib.sha256(b"forger %d" % number).digest()
        commitment = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        if challenge(commitment, public, message) % ORDER % 8 == 0:
            answer = scalar_of(seed) % ORDER
            return public, commitment + answer.to_bytes(32, "little")
    raise ValueError("no such commitment")


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
        public, signature = forged(little(number), message)
        cases.append(case(f"A small: {name}", "the lax equation holds: anybody could sign",
                          public=public, signature=signature))  # fmt: skip
        cases.append(case(f"R small: {name}", "a commitment of small order hides nothing",
                          signature=little(number) + good[32:]))  # fmt: skip
    answer = challenge(little(1), PUBLIC, message) * scalar_of(SEED) % ORDER
    cases.append(case("R neutral, equation true", "S = k a and R = 0: the key is in plain sight",
                      signature=little(1) + little(answer)))  # fmt: skip
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
