"""COSE_Sign1 and COSE_Mac0 (RFC 9052) over exact bytes, bound to their topic.

Promises: what `open_*` returns is the payload that the key's holder sealed for this very topic.
Signatures and tags are checked over the bytes received; nothing is encoded again. Verification
is passed in, so that a seat does not load it and the controller may use a faster one.
"""

from protocol import ed25519, hmac_sha256
from protocol.canonical_cbor import Tagged, decode, encode
from protocol.limits import (
    EVENT_BYTES_MAX,
    MAC_BYTES,
    MAC_KEY_BYTES,
    MESSAGE_BYTES_MAX,
    SIGNATURE_BYTES,
)
from protocol.wire_errors import (
    BAD_MAC,
    BAD_SIGNATURE,
    OUT_OF_RANGE,
    OVERSIZED,
    WRONG_ENVELOPE,
    WireError,
)

TAG_SIGN1 = 18
TAG_MAC0 = 17
PROTECTED_EDDSA = b"\xa1\x01\x27"  # {1: -8}
PROTECTED_HMAC256 = b"\xa1\x01\x05"  # {1: 5}


def sign_structure(payload: bytes, topic: str) -> bytes:
    """The bytes that Ed25519 signs: Sig_structure with the topic as external_aad."""
    return _structure("Signature1", PROTECTED_EDDSA, payload, topic)


def mac_structure(payload: bytes, topic: str) -> bytes:
    """The bytes under the MAC: MAC_structure with the topic as external_aad."""
    return _structure("MAC0", PROTECTED_HMAC256, payload, topic)


def sign1(seed: bytes, payload: bytes, topic: str) -> bytes:
    """A COSE_Sign1 message by the holder of `seed`."""
    signature = ed25519.sign(seed, sign_structure(payload, topic))
    return _seal(TAG_SIGN1, PROTECTED_EDDSA, payload, signature, EVENT_BYTES_MAX)


def open_sign1(data: bytes, topic: str, verify, bytes_max: int = EVENT_BYTES_MAX) -> bytes:
    """The payload of a COSE_Sign1 message; `verify(message, signature) -> bool` holds the key."""
    payload, signature = _open(data, TAG_SIGN1, PROTECTED_EDDSA, SIGNATURE_BYTES, bytes_max)
    if verify(sign_structure(payload, topic), signature) is not True:
        raise WireError(BAD_SIGNATURE)
    return payload


def mac0(key: bytes, payload: bytes, topic: str, bytes_max: int = MESSAGE_BYTES_MAX) -> bytes:
    """A COSE_Mac0 message under the terminal's 32-byte `key`."""
    tag = hmac_sha256.mac(_mac_key(key), mac_structure(payload, topic))
    return _seal(TAG_MAC0, PROTECTED_HMAC256, payload, tag, bytes_max)


def open_mac0(data: bytes, key: bytes, topic: str, bytes_max: int = MESSAGE_BYTES_MAX) -> bytes:
    """The payload of a COSE_Mac0 message under the terminal's 32-byte `key`."""
    payload, tag = _open(data, TAG_MAC0, PROTECTED_HMAC256, MAC_BYTES, bytes_max)
    if not hmac_sha256.equal(tag, hmac_sha256.mac(_mac_key(key), mac_structure(payload, topic))):
        raise WireError(BAD_MAC)
    return payload


def _structure(context: str, protected: bytes, payload: bytes, topic: str) -> bytes:
    return encode((context, protected, topic.encode(), payload))


def _mac_key(key: bytes) -> bytes:
    if len(key) != MAC_KEY_BYTES:
        raise WireError(OUT_OF_RANGE, "a MAC key of another length")
    return key


def _seal(tag: int, protected: bytes, payload: bytes, proof: bytes, bytes_max: int) -> bytes:
    data = encode(Tagged(tag, (protected, {}, payload, proof)))
    if len(data) > bytes_max:
        raise WireError(OVERSIZED, "%d bytes of at most %d" % (len(data), bytes_max))
    return data


def _open(data: bytes, tag: int, protected: bytes, proof_bytes: int, bytes_max: int):
    message = decode(data, bytes_max)
    if not isinstance(message, Tagged) or message.tag != tag:
        raise WireError(WRONG_ENVELOPE, "another tag, or none")
    parts = message.value
    if not isinstance(parts, list) or len(parts) != 4:
        raise WireError(WRONG_ENVELOPE, "not four parts")
    if not isinstance(parts[0], bytes) or parts[0] != protected:
        raise WireError(WRONG_ENVELOPE, "another algorithm or header")
    if not isinstance(parts[1], dict) or parts[1]:
        raise WireError(WRONG_ENVELOPE, "an unprotected header")
    if not isinstance(parts[2], bytes):
        raise WireError(WRONG_ENVELOPE, "no payload")
    if not isinstance(parts[3], bytes) or len(parts[3]) != proof_bytes:
        raise WireError(WRONG_ENVELOPE, "a signature or tag of another length")
    return parts[2], parts[3]
