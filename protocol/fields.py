"""The checks of single fields, used by every message in both directions.

Each function returns its value or raises WireError: WRONG_SHAPE for another kind, OUT_OF_RANGE
for the wrong size. True and False are never integers here, on either interpreter.
"""

from protocol.canonical_cbor import check_utf8
from protocol.limits import HASH_BYTES, UINT32_MAX
from protocol.topics import is_name
from protocol.wire_errors import BAD_TEXT, OUT_OF_RANGE, WRONG_SHAPE, WireError


def uint(value, what: str, most: int = UINT32_MAX, least: int = 0) -> int:
    """An integer from `least` to `most`."""
    if value is True or value is False or not isinstance(value, int):
        raise WireError(WRONG_SHAPE, what)
    if value < least or value > most:
        raise WireError(OUT_OF_RANGE, what)
    return value


def uint_or_null(value, what: str, most: int = UINT32_MAX):
    """An integer up to `most`, or None."""
    return None if value is None else uint(value, what, most)


def flag(value, what: str) -> bool:
    """True or False and nothing that merely counts as one."""
    if value is True or value is False:
        return value
    raise WireError(WRONG_SHAPE, what)


def binary(value, what: str, least: int = HASH_BYTES, most: int = HASH_BYTES) -> bytes:
    """Bytes of a bounded length."""
    if not isinstance(value, bytes):
        raise WireError(WRONG_SHAPE, what)
    if len(value) < least or len(value) > most:
        raise WireError(OUT_OF_RANGE, what)
    return value


def text(value, what: str, bytes_max: int) -> str:
    """Text of a bounded number of UTF-8 bytes, without control characters."""
    if not isinstance(value, str):
        raise WireError(WRONG_SHAPE, what)
    try:
        data = value.encode()
    except ValueError:  # a lone surrogate, on CPython
        raise WireError(BAD_TEXT, what)
    if len(data) > bytes_max:
        raise WireError(OUT_OF_RANGE, what)
    for byte in data:
        if byte < 0x20 or byte == 0x7F:
            raise WireError(BAD_TEXT, what)
    check_utf8(data)
    return value


def name(value, what: str) -> str:
    """A terminal's name as topics have it."""
    if not isinstance(value, str):
        raise WireError(WRONG_SHAPE, what)
    if not is_name(value):
        raise WireError(BAD_TEXT, what)
    return value


def array(value, what: str, count: int):
    """A list or tuple of exactly `count` items."""
    if not isinstance(value, (list, tuple)) or len(value) != count:
        raise WireError(WRONG_SHAPE, what)
    return value


def fit_text(value: str, bytes_max: int) -> str:
    """`value` made fit for `text`: control characters become spaces, the end is cut at a character.

    For senders whose words come from outside: a long title, an exception's message.
    """
    kept = []
    used = 0
    for character in value:
        code = ord(character)
        if code < 0x20 or code == 0x7F or 0xD800 <= code <= 0xDFFF:
            character = " "
            code = 0x20
        used += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        if used > bytes_max:
            break
        kept.append(character)
    return "".join(kept)
