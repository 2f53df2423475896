"""The emulated chips behave as their data sheets say, and the host sees lamps as an eye does."""

import struct
import zlib

import pytest

from simulator.board import machine_channel as channel
from simulator.board.lamp_view import LampRecorder
from simulator.board.pn532 import ACK, Pn532
from simulator.board.ssd1306_screen import HEIGHT, PICTURE_SCALE, WIDTH, Ssd1306

WAKE = b"\x55\x55\x00\x00"
UID = b"\x01\x02\x03\x04"


def command(*body):
    body = bytes((0xD4, *body))
    head = b"\x00\x00\xff" + bytes((len(body), -len(body) & 0xFF))
    return head + body + bytes((-sum(body) & 0xFF, 0))


def chip():
    said = []
    made = Pn532(said.append)
    made.receive(WAKE)
    return made, said


def test_frames_are_cut_from_any_pieces():
    stream = channel.frame(1, b"ab") + channel.frame(2, b"") + channel.frame(3, b"x" * 300)
    for size in (1, 2, 5, 1000):
        parser = channel.FrameParser()
        found = []
        for start in range(0, len(stream), size):
            found += parser.feed(stream[start : start + size])
        assert found == [(1, b"ab"), (2, b""), (3, b"x" * 300)]


def test_a_sleeping_reader_hears_nothing():
    said = []
    made = Pn532(said.append)
    made.receive(command(0x14, 1, 0, 1))
    assert said == []
    made.receive(WAKE + command(0x14, 1, 0, 1))
    assert said[0].startswith(ACK)


def test_a_reader_waits_for_a_card_inside_the_chip():
    made, said = chip()
    made.receive(command(0x4A, 1, 0))
    assert said == [ACK]
    made.insert_card(UID)
    assert UID in said[1]


def test_a_reader_with_few_retries_says_that_there_is_no_card():
    made, said = chip()
    made.receive(command(0x32, 5, 0xFF, 1, 2))
    made.receive(command(0x4A, 1, 0))
    assert said[-1].startswith(ACK)
    assert b"\xd5\x4b\x00" in said[-1]


def test_an_ack_from_the_seat_ends_the_waiting():
    made, said = chip()
    made.receive(command(0x4A, 1, 0))
    made.receive(ACK)
    made.insert_card(UID)
    assert said == [ACK]


def test_a_damaged_command_is_not_acknowledged():
    made, said = chip()
    frame = bytearray(command(0x4A, 1, 0))
    frame[-2] ^= 1
    made.receive(bytes(frame))
    assert said == []


def test_a_reader_forgets_its_settings_with_its_supply():
    made, said = chip()
    made.receive(command(0x32, 5, 0xFF, 1, 2))
    made.power_cycle()
    said.clear()
    made.receive(command(0x4A, 1, 0))
    assert said == []


def lit_screen():
    screen = Ssd1306()
    screen.receive(b"\x80\xaf")
    for byte in (0x21, 0, 127, 0x22, 0, 7):
        screen.receive(bytes((0x80, byte)))
    return screen


def test_a_screen_shows_its_memory_column_by_column_in_pages():
    screen = lit_screen()
    screen.receive(b"\x40" + b"\x01" + bytes(127) + b"\x80" + bytes(127))
    assert screen.pixel(0, 0)
    assert screen.pixel(0, 15)
    assert not screen.pixel(1, 0)


def test_a_dark_screen_shows_nothing_and_keeps_its_memory():
    screen = lit_screen()
    screen.receive(b"\x40" + b"\xff" * 1024)
    screen.receive(b"\x80\xae")
    assert not screen.pixel(5, 5)
    screen.receive(b"\x80\xaf")
    assert screen.pixel(5, 5)


def test_the_same_picture_again_is_no_change():
    screen = lit_screen()
    screen.receive(b"\x40" + b"\x18" * 1024)
    revision = screen.revision
    screen.receive(b"\x40" + b"\x18" * 1024)
    assert screen.revision == revision


def test_a_picture_is_a_png_of_the_screen():
    screen = lit_screen()
    screen.receive(b"\x40" + b"\x01" + bytes(1023))
    picture = screen.png()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">2I", picture[16:24])
    assert (width, height) == (WIDTH * PICTURE_SCALE, HEIGHT * PICTURE_SCALE)
    start = picture.index(b"IDAT") + 4
    rows = zlib.decompressobj().decompress(picture[start:])
    assert rows[:5] == b"\x00\x01\x01\x01\x00"
    assert sum(rows) == PICTURE_SCALE**2


def blinking(half_s, count, start=100.0):
    lamp = LampRecorder()
    for index in range(count):
        lamp.write(start + index * half_s, index % 2 == 0)
    return lamp, start + (count - 1) * half_s


@pytest.mark.parametrize("half_s", [0.125, 0.5])
def test_a_lamp_that_turns_over_again_and_again_is_blinking(half_s):
    lamp, last = blinking(half_s, 7)
    for passed in (0.01, half_s * 0.5, half_s * 0.99):
        assert lamp.view(last + passed).state == "blinking"


@pytest.mark.parametrize("half_s", [0.125, 0.5])
def test_a_lamp_that_stops_turning_over_is_steady(half_s):
    lamp, last = blinking(half_s, 7)
    assert lamp.view(last + half_s * 2).state == "on"


def test_a_lamp_told_to_be_lit_while_lit_is_steady_at_once():
    lamp, last = blinking(0.125, 7)
    lamp.write(last + 0.05, True)
    assert lamp.view(last + 0.06).state == "on"
    assert lamp.steady_since(last + 0.1) is None
    assert lamp.steady_since(last + 0.4) == last + 0.05


def test_a_lamp_never_written_is_off():
    assert LampRecorder().view(1.0).state == "off"
    assert LampRecorder().steady_since(1.0) is None
