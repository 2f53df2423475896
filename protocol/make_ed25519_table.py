"""Writes ed25519_table.bin, the multiples of the base point that signing adds up.

Run `python -m protocol.make_ed25519_table` on CPython; a test demands that the committed file is
what this writes. Built with the plain arithmetic of `ed25519_verify`, not with the table itself.
"""

import sys
from pathlib import Path

from protocol.ed25519 import TABLE_NAME, P
from protocol.ed25519_verify import BASE, D, add


def _entry(point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x = point[0] * inverse % P
    y = point[1] * inverse % P
    numbers = ((y + x) % P, (y - x) % P, 2 * D * x * y % P)
    return b"".join(number.to_bytes(32, "little") for number in numbers)


def table() -> bytes:
    """The 49,152 bytes of the table."""
    out = bytearray()
    point = BASE
    for _window in range(64):
        twice = add(point, point)
        multiple = point
        for _index in range(8):
            out += _entry(multiple)
            multiple = add(multiple, twice)
        for _doubling in range(4):
            point = add(point, point)
    return bytes(out)


if __name__ == "__main__":
    path = Path(__file__).parent / TABLE_NAME
    path.write_bytes(table())
    sys.stdout.write(f"wrote {path.name}\n")
