"""Ed25519, SHA-512 and HMAC agree with every vector; hostile signatures are refused."""

import hashlib

from protocol import ed25519, ed25519_verify, hmac_sha256, sha512, sha512_portable
from protocol.canonical_cbor import decode, encode
from tests.shared.protocol.vector_cases import load


def test_seeds_give_the_public_keys_of_the_vectors():
    for case in load("accepted/ed25519.json")["cases"]:
        assert ed25519.public_key(bytes.fromhex(case["seed"])).hex() == case["public"], case["name"]


def test_signatures_are_byte_for_byte_those_of_the_vectors():
    for case in load("accepted/ed25519.json")["cases"]:
        found = ed25519.sign(bytes.fromhex(case["seed"]), bytes.fromhex(case["message"]))
        assert found.hex() == case["signature"], case["name"]


def test_signatures_of_the_vectors_verify():
    for case in load("accepted/ed25519.json")["cases"]:
        public, message, signature = (
            bytes.fromhex(case[part]) for part in ("public", "message", "signature")
        )
        assert ed25519_verify.is_sound_public_key(public)
        assert ed25519_verify.verify(public, message, signature), case["name"]


def test_hostile_signatures_and_keys_are_refused():
    for case in load("rejected/ed25519.json")["cases"]:
        public, message, signature = (
            bytes.fromhex(case[part]) for part in ("public", "message", "signature")
        )
        assert not ed25519_verify.verify(public, message, signature), case["name"]
        if case["name"].startswith("A ") or case["name"] == "public of 31":
            assert not ed25519_verify.is_sound_public_key(public), case["name"]


def test_a_point_has_one_encoding_only():
    one = (1).to_bytes(32, "little")
    assert ed25519_verify.encode_point(ed25519_verify.decode_point(one)) == one
    minus_zero = (1 | 1 << 255).to_bytes(32, "little")
    assert ed25519_verify.decode_point(minus_zero) is None
    for number in range(19):  # y and y + P would be the same point
        twice_named = (ed25519.P + number).to_bytes(32, "little")
        assert ed25519_verify.decode_point(twice_named) is None, number
    assert ed25519_verify.decode_point(bytes(31)) is None


def test_every_flipped_bit_of_a_signature_is_refused():
    case = load("accepted/ed25519.json")["cases"][1]
    public, message, signature = (
        bytes.fromhex(case[part]) for part in ("public", "message", "signature")
    )
    for at in range(0, 64, 3):
        changed = bytearray(signature)
        changed[at] ^= 1 << at % 8
        assert not ed25519_verify.verify(public, message, bytes(changed)), at


def test_scalars_at_every_edge_of_the_windows_give_the_true_multiple():
    order = ed25519.ORDER
    edges = [0, 1, 2, 15, 16, 17, 8 << 248, order - 1, order - 2, (1 << 252) - 1, 1 << 251]
    for scalar in edges:
        found = ed25519._base_times(scalar, b"secret")
        wanted = ed25519_verify.times(scalar, ed25519_verify.BASE)
        assert found == ed25519_verify.encode_point(wanted), scalar


def test_the_secret_factor_changes_no_result():
    results = [ed25519._base_times(12345678901234567890, bytes([number])) for number in range(8)]
    assert results == [results[0]] * 8


def test_two_keys_used_in_turn_do_not_mix():
    cases = load("accepted/ed25519.json")["cases"]
    for index in (0, 1, 0, 2, 1):
        case = cases[index]
        found = ed25519.sign(bytes.fromhex(case["seed"]), bytes.fromhex(case["message"]))
        assert found.hex() == case["signature"]


def test_a_seed_of_another_length_is_no_seed():
    for length in (0, 31, 33, 64):
        try:
            ed25519.SigningKey(bytes(length))
        except ValueError:
            continue
        raise AssertionError(f"a seed of {length} bytes was taken")


def test_sha512_has_the_words_of_the_standard():
    abc = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    abc += "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    assert sha512.digest(b"abc").hex() == abc
    assert sha512_portable.digest(b"abc").hex() == abc


def test_both_ways_of_sha512_agree_at_every_edge_of_a_block():
    for length in (0, 1, 63, 64, 110, 111, 112, 113, 127, 128, 129, 239, 240, 256, 400):
        data = bytes([(7 * index + length) % 256 for index in range(length)])
        assert sha512.digest(data) == sha512_portable.digest(data), length
    for byte in (0x00, 0x7F, 0x80, 0xFF):  # carries through every half word
        data = bytes([byte]) * 200
        assert sha512.digest(data) == sha512_portable.digest(data), byte


def test_macs_are_those_of_the_vectors():
    for case in load("accepted/hmac.json")["cases"]:
        found = hmac_sha256.mac(bytes.fromhex(case["key"]), bytes.fromhex(case["data"]))
        assert found.hex() == case["mac"], case["name"]


def test_tags_are_equal_only_when_every_byte_is():
    tag = bytes(range(32))
    assert hmac_sha256.equal(tag, bytes(range(32)))
    assert not hmac_sha256.equal(tag, tag[:31])
    assert not hmac_sha256.equal(tag, b"")
    for at in range(32):
        other = bytearray(tag)
        other[at] ^= 0x80
        assert not hmac_sha256.equal(tag, bytes(other)), at


def test_the_ballot_hash_of_the_vector_is_sha256_of_its_encoding():
    for case in load("accepted/ballot_hashes.json")["cases"]:
        data = bytes.fromhex(case["hex"])
        assert encode(decode(data)) == data
        assert hashlib.sha256(data).digest().hex() == case["hash"]
