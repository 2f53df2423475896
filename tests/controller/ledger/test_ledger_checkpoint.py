"""A checkpoint is a C2SP note that any Ed25519 library verifies, and one changed byte breaks it."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.ledger.checkpoint import (
    BadCheckpoint,
    Checkpoint,
    key_id,
    parse,
    sign,
    verify,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
ORIGIN = "dobush/bishkek/s1"
STATEMENT = Checkpoint(ORIGIN, 1234, bytes(range(32)))
NOTE = sign(STATEMENT, KEY)


def test_the_note_has_the_published_form_byte_for_byte() -> None:
    """Put together by hand from c2sp.org/signed-note and c2sp.org/tlog-checkpoint."""
    text = b"dobush/bishkek/s1\n1234\n" + base64.b64encode(bytes(range(32))) + b"\n"
    name_hash = sha256(b"dobush/bishkek/s1" + b"\x0a" + b"\x01" + PUBLIC_KEY).digest()[:4]
    line = base64.b64encode(name_hash + KEY.sign(text))
    expected = text + b"\n" + "— dobush/bishkek/s1 ".encode() + line + b"\n"
    assert NOTE.encode() == expected


def test_the_key_id_is_that_of_a_published_key() -> None:
    """That of the Go checksum database, whose key text begins ``sum.golang.org+033de0ae+``."""
    encoded = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert encoded[0] == 1
    assert key_id("sum.golang.org", encoded[1:]).hex() == "033de0ae"


def test_a_plain_ed25519_library_verifies_the_text() -> None:
    text, _, signature_line = NOTE.rpartition("\n\n")
    raw = base64.b64decode(signature_line.split(" ")[2])
    KEY.public_key().verify(raw[4:], (text + "\n").encode())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(raw[4:], text.encode())


def test_what_was_signed_is_read_back() -> None:
    assert parse(NOTE) == verify(NOTE, ORIGIN, PUBLIC_KEY) == STATEMENT
    nothing = Checkpoint(ORIGIN, 0, sha256(b"").digest())
    assert verify(sign(nothing, KEY), ORIGIN, PUBLIC_KEY) == nothing


def test_any_changed_byte_fails() -> None:
    """Every byte, every bit of it."""
    whole = NOTE.encode()
    for index in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[index] ^= 1 << bit
            with pytest.raises((BadCheckpoint, UnicodeDecodeError)):
                verify(changed.decode(), ORIGIN, PUBLIC_KEY)


def test_another_key_and_another_log_fail() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(BadCheckpoint, match="no signature by this log's key"):
        verify(NOTE, ORIGIN, other)
    with pytest.raises(BadCheckpoint, match="it is of"):
        verify(NOTE, "dobush/bishkek/s2", PUBLIC_KEY)


def test_a_witness_may_add_its_line_and_cannot_stand_in_for_the_log() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text = NOTE.rpartition("\n\n")[0] + "\n"
    raw = key_id("witness", witness.public_key().public_bytes_raw()) + witness.sign(text.encode())
    line = f"— witness {base64.b64encode(raw).decode()}\n"
    assert verify(NOTE + line, ORIGIN, PUBLIC_KEY) == STATEMENT
    with pytest.raises(BadCheckpoint, match="no signature by this log's key"):
        verify(text + "\n" + line, ORIGIN, PUBLIC_KEY)


ROOT = base64.b64encode(bytes(32)).decode()
LINE = "— n AAAAAAA=\n"


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("", "blank line"),
        (f"o\n1\n{ROOT}\n{LINE}", "blank line"),
        (f"o\n1\n{ROOT}\n\n{LINE[:-1]}", "newline at the end"),
        (f"o\n1\n\n{LINE}", "2 lines"),
        (f"o\n1\n{ROOT}\nmore\n\n{LINE}", "4 lines"),
        (f"\n1\n{ROOT}\n\n{LINE}", "lines"),
        (f"o\n01\n{ROOT}\n\n{LINE}", "size"),
        (f"o\n-1\n{ROOT}\n\n{LINE}", "size"),
        (f"o\n+1\n{ROOT}\n\n{LINE}", "size"),
        (f"o\n1\u0661\n{ROOT}\n\n{LINE}", "size"),
        (f"o\n{10**19}\n{ROOT}\n\n{LINE}", "size"),
        (f"o\n1\n{ROOT[:-4]}\n\n{LINE}", "30 bytes"),
        (f"o\n1\n{ROOT[:-2]}B=\n\n{LINE}", "canonical"),
        (f"o\n1\n{ROOT[:-1]}\n\n{LINE}", "not base64"),
        (f"o\n1\n{ROOT}\n\n- n AAAAAAA=\n", "signature line"),
        (f"o\n1\n{ROOT}\n\n— n+ AAAAAAA=\n", "signature line"),
        (f"o\n1\n{ROOT}\n\n— n AAAA\n", "shorter"),
        (f"o\r\n1\n{ROOT}\n\n{LINE}", "control"),
        (f"o\n1\n{ROOT}\n\n" + LINE * 33, "signatures"),
        ("o" * 20_000 + f"\n1\n{ROOT}\n\n{LINE}", "longer"),
    ],
)
def test_a_note_of_another_form_is_refused_with_the_reason(note: str, reason: str) -> None:
    with pytest.raises(BadCheckpoint, match=reason):
        parse(note)
