"""SHA-512 (FIPS 180-4) for both interpreters.

CPython's hashlib has it. MicroPython's has SHA-256 alone, so there the rounds are done here:
by the native emitter where the port has one (`sha512_native`), in plain Python elsewhere
(`sha512_portable`).
"""

import hashlib


def _hashlib_digest(message: bytes) -> bytes:
    return hashlib.sha512(message).digest()


if hasattr(hashlib, "sha512"):
    digest = _hashlib_digest
else:
    try:
        from protocol.sha512_native import digest
    except (ImportError, SyntaxError, ValueError):  # no file, no emitter, another machine's code
        from protocol.sha512_portable import digest  # noqa: F401 - given on
