"""Refuses a board that cannot work: `python -m hardware.check_boards`.

Promises to find a pin used twice, a pin that the module keeps for itself or does not have, a UART
or I2C line on a pin that the chip cannot route there, and numbers outside their limits.
"""

from __future__ import annotations

import sys

from hardware.board_data import Board, BoardError, load_all

GPIO_PINS = range(30)
# RP2350 datasheet, GPIO functions: F2 (UART) and F3 (I2C) of each bank-0 pin.
Routes = dict[int, tuple[int, ...]]
UART_TX: Routes = {0: (0, 12, 16, 28), 1: (4, 8, 20, 24)}
UART_RX: Routes = {0: (1, 13, 17, 29), 1: (5, 9, 21, 25)}
I2C_SDA: Routes = {0: tuple(range(0, 30, 4)), 1: tuple(range(2, 30, 4))}
I2C_SCL: Routes = {0: tuple(range(1, 30, 4)), 1: tuple(range(3, 30, 4))}
BAUD_RATES = (9600, 115200)
I2C_FREQUENCY_HZ_MAX = 1_000_000  # fast mode plus, as far as the display follows
I2C_ADDRESSES = range(0x08, 0x78)
DISPLAY_SIZES = ((128, 64),)
WATCHDOG_MS_MAX = 8388  # the RP2350's watchdog counter ends here


def problems(board: Board) -> list[str]:
    """Everything wrong with this board, one sentence each; empty when it can be built."""
    found = _pin_problems(board)
    reader, display, timing = board["badge_reader"], board["display"], board["timing"]
    for line, routes in (("tx", UART_TX), ("rx", UART_RX)):
        if reader[line] not in routes.get(reader["uart"], ()):
            found.append(f"badge reader {line}: pin {reader[line]} cannot be UART{reader['uart']}")
    for line, routes in (("sda", I2C_SDA), ("scl", I2C_SCL)):
        if display[line] not in routes.get(display["i2c"], ()):
            found.append(f"display {line}: pin {display[line]} cannot be I2C{display['i2c']}")
    if reader["kind"] != "pn532_hsu":
        found.append(f"badge reader kind {reader['kind']!r} has no driver")
    if display["kind"] != "ssd1306_i2c":
        found.append(f"display kind {display['kind']!r} has no driver")
    if reader["baud"] not in BAUD_RATES:
        found.append(f"badge reader baud {reader['baud']} is not one of {BAUD_RATES}")
    if not 0 < display["frequency_hz"] <= I2C_FREQUENCY_HZ_MAX:
        found.append(f"display frequency {display['frequency_hz']} Hz is out of range")
    if display["address"] not in I2C_ADDRESSES:
        found.append(f"display address {display['address']:#x} is reserved on the I2C bus")
    if (display["width"], display["height"]) not in DISPLAY_SIZES:
        found.append(f"display size {display['width']}x{display['height']} has no screens")
    if not 0 < timing["watchdog_ms"] <= WATCHDOG_MS_MAX:
        found.append(f"watchdog {timing['watchdog_ms']} ms is out of range")
    if not 0 < timing["wait_slice_ms"] <= timing["watchdog_ms"] // 4:
        found.append("wait slice must leave the watchdog at least four chances")
    return [f"{board.source}: {problem}" for problem in found]


def _pin_problems(board: Board) -> list[str]:
    found = []
    users: dict[int, str] = {}
    for use, pin in board.pins_in_use():
        if pin not in GPIO_PINS:
            found.append(f"{use}: the chip has no pin {pin}")
        elif pin in users:
            found.append(f"pin {pin} is used twice: {users[pin]} and {use}")
        else:
            users[pin] = use
    return found


def main() -> int:
    """Checks every board and prints what is wrong; 0 when all can be built."""
    try:
        boards = load_all()
    except BoardError as error:
        print(error)
        return 1
    found = [problem for board in boards for problem in problems(board)]
    for problem in found:
        print(problem)
    print(f"{len(boards)} board(s) checked, {len(found)} problem(s)")
    return 1 if found or not boards else 0


if __name__ == "__main__":
    sys.exit(main())
