"""The boards can be built, their generated files are current, and a wrong board is refused."""

import pytest

from hardware import board_data, check_boards, generate

TEXT = (board_data.BOARDS_DIR / "seat_a.toml").read_text("utf-8")


def board_with(old: str, new: str) -> board_data.Board:
    assert old in TEXT
    return board_data.parse(TEXT.replace(old, new, 1), "changed.toml")


def test_every_committed_board_can_be_built():
    boards = board_data.load_all()
    assert boards
    assert [problem for board in boards for problem in check_boards.problems(board)] == []


def test_generated_files_do_not_differ_from_their_boards():
    assert generate.stale(board_data.load_all()) == []


def test_generation_is_deterministic():
    board = board_data.parse(TEXT, "seat_a.toml")
    assert generate.outputs(board) == generate.outputs(board_data.parse(TEXT, "seat_a.toml"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("against = 3", "against = 2", "pin 2 is used twice: button for and button against"),
        ("against = 3", "against = 16", "pin 16 is used twice"),
        ("against = 3", "against = 30", "the chip has no pin 30"),
        ("tx = 4", "tx = 14", "badge reader tx: pin 14 cannot be UART1"),
        ("scl = 1", "scl = 14", "display scl: pin 14 cannot be I2C0"),
        ("address = 0x3C", "address = 0x03", "reserved on the I2C bus"),
        ("baud = 115200", "baud = 1234", "badge reader baud 1234"),
        ("width = 128", "width = 32", "display size 32x64"),
        ("frequency_hz = 400000", "frequency_hz = 0", "display frequency 0"),
        ("watchdog_ms = 8000", "watchdog_ms = 9000", "watchdog 9000 ms is out of range"),
        ("wait_slice_ms = 1000", "wait_slice_ms = 3000", "four chances"),
        ('"pn532_hsu"', '"fingers"', "has no driver"),
        ('"ssd1306_i2c"', '"paper"', "has no driver"),
    ],
)
def test_a_board_that_cannot_work_is_refused_by_name(old, new, expected):
    found = check_boards.problems(board_with(old, new))
    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[buzzer]", "[bell]", "sections differ"),
        ("floor = 7\n", "", "[buttons] differs by ['floor']"),
        ("pin = 13", "pin = 13\npni = 14", "[buzzer] differs by ['pni']"),
        ("pin = 13", "pin = = 13", "changed.toml"),
    ],
)
def test_a_board_file_of_the_wrong_shape_is_refused_with_the_key(old, new, expected):
    with pytest.raises(board_data.BoardError, match="differ|Invalid") as refused:
        board_with(old, new)
    assert expected in str(refused.value)
