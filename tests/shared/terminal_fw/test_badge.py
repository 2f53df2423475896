"""The badge reader's frames and the conversation about who sits here."""

from terminal_fw.core import badge_frames, badge_watch
from terminal_fw.core.badge_frames import ACK, IS_ACK, IS_RESPONSE, BadgeFrames, command_frame
from terminal_fw.core.badge_watch import FAULT, GONE, PRESENT, BadgeWatch

UID = b"\x04\xa1\xb2\xc3"
OTHER = b"\x04\x11\x22\x33\x44\x55\x66"
LIST = 0x4A


def answer(command, data=b""):
    body = bytes((0xD5, command + 1)) + data
    head = b"\x00\x00\xff" + bytes((len(body), -len(body) & 0xFF))
    return head + body + bytes((-sum(body) & 0xFF, 0))


def target(uid):
    return b"\x01\x01\x00\x04\x08" + bytes((len(uid),)) + uid


def asked(watch):
    """The commands in what the watch has just said."""
    commands = []
    out = watch.output
    while b"\x00\xff" in out:
        out = out[out.find(b"\x00\xff") + 2 :]
        if out[0]:
            commands.append(out[3])
    return commands


class Chip:
    """A reader that answers everything at once; a card may lie in it."""

    def __init__(self):
        self.card = b""
        self.dead = False
        self.for_ever = True
        self.waiting = False

    def say(self, watch):
        reply = b""
        out = watch.output
        while not self.dead and b"\x00\xff" in out:
            out = out[out.find(b"\x00\xff") + 2 :]
            if out[0] == 0:
                continue
            command, data = out[3], out[4 : 2 + out[0]]
            self.waiting = False
            reply += ACK
            if command == LIST:
                if self.card or not self.for_ever:
                    reply += answer(LIST, target(self.card) if self.card else b"\x00")
                else:
                    self.waiting = True
            else:
                if command == 0x32:
                    self.for_ever = data[-1] == 0xFF
                reply += answer(command)
        return reply

    def put(self, uid):
        self.card = uid
        if self.waiting:
            self.waiting = False
            return answer(LIST, target(uid))
        return b""


def play(watch, chip, moves, until):
    """What happens, with its time; moves are (at_ms, uid or None)."""
    happened = []
    steps = 0
    incoming = b""
    for now in range(until):
        for at_ms, uid in moves:
            if at_ms == now:
                if uid is None:
                    chip.card = b""
                else:
                    incoming += chip.put(uid)
        while incoming or now >= watch.next_deadline_ms():
            steps += 1
            for item in watch.step(incoming, now):
                happened.append((now,) + item)
            incoming = chip.say(watch)
    return happened, steps


def test_a_frame_is_found_in_any_pieces():
    stream = b"\x00\x55" + ACK + answer(LIST, target(UID)) + b"\xff\x00"
    for size in (1, 2, 3, 7, 64):
        frames = BadgeFrames()
        found = []
        for start in range(0, len(stream), size):
            found += frames.feed(stream[start : start + size])
        assert found == [(IS_ACK, 0, b""), (IS_RESPONSE, LIST, target(UID))], size


def test_a_damaged_frame_is_thrown_away_and_the_next_one_is_heard():
    good = answer(LIST, b"\x00")
    for position in range(3, len(good) - 1):
        bad = bytearray(good)
        bad[position] ^= 0x10
        frames = BadgeFrames()
        found = frames.feed(bytes(bad)) + frames.feed(b"\x00" * 40 + good)
        assert found[-1:] == [(IS_RESPONSE, LIST, b"\x00")], position


def test_noise_is_bounded():
    frames = BadgeFrames()
    for _ in range(50):
        assert frames.feed(b"\x00\xff\xfe\x02" * 16) == []
    assert len(frames._buffer) <= badge_frames.BUFFER_BYTES_MAX


def test_a_command_frame_has_both_checks_right():
    frame = command_frame(0x14, b"\x01")
    assert frame == b"\x00\x00\xff\x03\xfd\xd4\x14\x01\x17\x00"


def test_while_the_slot_is_empty_the_seat_sleeps():
    watch, chip = BadgeWatch(0), Chip()
    happened, steps = play(watch, chip, [], 10000)
    assert happened == []
    assert steps < 6
    assert watch.next_deadline_ms() > 50000


def test_a_badge_is_present_at_once_and_gone_after_misses():
    watch, chip = BadgeWatch(0), Chip()
    happened, _ = play(watch, chip, [(2000, UID), (5100, None)], 9000)
    assert happened[0] == (2000, PRESENT, UID)
    assert happened[1][1:] == (GONE, UID)
    assert 5100 < happened[1][0] <= 5100 + 500 + badge_watch.MISSES_MAX * 60
    assert len(happened) == 2


def test_a_badge_missed_once_is_still_there():
    watch, chip = BadgeWatch(0), Chip()
    happened, _ = play(watch, chip, [(100, UID), (2990, None), (3030, UID)], 6000)
    assert [item[1] for item in happened] == [PRESENT]


def test_another_badge_is_another_person():
    watch, chip = BadgeWatch(0), Chip()
    happened, _ = play(watch, chip, [(100, UID), (3100, OTHER)], 6000)
    assert [item[1:] for item in happened] == [(PRESENT, UID), (GONE, UID), (PRESENT, OTHER)]


def test_a_badge_is_asked_for_twice_a_second():
    watch, chip = BadgeWatch(0), Chip()
    _, steps = play(watch, chip, [(100, UID)], 10000)
    assert 30 <= steps <= 50  # a question and its answer, twice a second


def test_a_dead_reader_is_told_once_and_tried_for_ever():
    watch, chip = BadgeWatch(0), Chip()
    chip.dead = True
    happened, steps = play(watch, chip, [], 20000)
    assert [item[1] for item in happened] == [FAULT]
    assert 12 < steps < 60
    chip.dead = False
    happened, _ = play(watch, chip, [(25000, UID)], 30000)
    assert happened[-1][1:] == (PRESENT, UID)


def silence(watch, first_ms, until_ms):
    """What happens, with its time, while the reader says nothing."""
    happened = []
    for now in range(first_ms, until_ms):
        happened += [(now,) + item for item in watch.step(b"", now)]
    return happened


def test_a_reader_that_dies_under_a_badge_says_after_two_rounds_that_the_badge_is_gone():
    watch, chip = BadgeWatch(0), Chip()
    play(watch, chip, [(100, UID)], 2000)
    happened = silence(watch, 2000, 7000)
    assert [item[1] for item in happened] == [FAULT, GONE]
    assert happened[0][0] < 3500
    assert 5000 < happened[1][0] < 6500
    assert watch.badge == b""


def test_a_reader_that_stumbles_under_a_badge_makes_nobody_leave():
    watch, chip = BadgeWatch(0), Chip()
    play(watch, chip, [(100, UID)], 2000)
    assert [item[1] for item in silence(watch, 2000, 4000)] == [FAULT]
    happened = []
    incoming = b""
    for now in range(4000, 9000):
        while incoming or now >= watch.next_deadline_ms():
            happened += watch.step(incoming, now)
            incoming = chip.say(watch)
    assert happened == []
    assert watch.badge == UID


def test_an_answer_with_a_foreign_length_is_no_badge():
    for data in (b"\x01\x01\x00\x04\x08\x03abc", b"\x01\x01\x00\x04\x08\x04ab", b"\x01", b""):
        watch = BadgeWatch(0)
        chip = Chip()
        play(watch, chip, [], 100)
        assert watch.step(answer(LIST, data), 200) == []
        assert watch.badge == b""


def test_the_seat_wakes_the_chip_before_it_speaks():
    watch = BadgeWatch(0)
    watch.step(b"", 0)
    assert watch.output.startswith(b"\x55\x55")
    assert asked(watch) == [0x14]
