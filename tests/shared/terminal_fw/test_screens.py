"""One message at a time, in the seat's language, inside the screen."""

from protocol import messages, notice_codes, refusal_codes
from terminal_fw.core import layout, screens, words
from terminal_fw.core import seat as mind
from terminal_fw.core.layout import HEIGHT, PAGE_MS, WIDTH, Layout
from terminal_fw.core.screens import BIG, HEAD, NOTE, TIMER, TITLE, Screens
from tests.shared.terminal_fw.seat_bench import BADGE, Bench, open_vote

SEATED = messages.Sitter("Asanov", True)
ENGLISH = words.ENGLISH


class EvenFonts:
    """Every character of font n is 6 + 2n wide; its height is 10 + 8n."""

    def width(self, font, text):
        return len(text) * (6 + 2 * font)

    def height(self, font):
        return 10 + 8 * font


def shown(bench):
    """The texts of the present screen in English, by kind of row."""
    bench.seat.language = ENGLISH
    rows = Screens().rows(bench.seat, bench.now)
    return [(row[0], row[-1] if row[0] != TIMER else row[1:]) for row in rows]


def test_every_language_has_the_same_words_and_none_is_empty():
    keys = sorted(words.load(words.RUSSIAN))
    for language in (words.KYRGYZ, words.ENGLISH):
        say = words.load(language)
        assert sorted(say) == keys
        for key in keys:
            assert say[key].strip() == say[key] != "", key


def test_every_refusal_and_notice_has_its_words():
    for language in range(3):
        say = words.load(language)
        for name in list(refusal_codes.CODES) + list(notice_codes.CODES) + ["refused"]:
            assert name in say, name


def test_languages_are_numbered_as_on_the_wire():
    for number in range(3):
        assert words.CODES[number] == messages.LANGUAGES[number]
        assert words.language_of(messages.LANGUAGES[number]) == number
    assert words.language_of("xx") == words.RUSSIAN


def test_a_seat_without_link_says_so():
    bench = Bench()
    bench.step()
    assert shown(bench) == [(BIG, "No connection"), (NOTE, "please wait")]
    bench.step((mind.LINK, True))
    assert shown(bench) == [(BIG, "Starting…")]


def test_an_empty_seat_asks_for_a_badge():
    bench = Bench()
    bench.join()
    assert shown(bench) == [(BIG, "Insert your card")]
    bench.step((mind.BADGE_IN, BADGE))
    assert shown(bench) == [(BIG, "Checking the card…")]


def test_a_deputy_is_welcomed_by_name():
    bench = Bench()
    bench.seated()
    assert shown(bench) == [(BIG, "Asanov"), (NOTE, "you are registered")]
    bench.show(sitter=messages.Sitter("Asanov", False), phase="registration")
    assert shown(bench)[0] == (HEAD, "Registration")


def test_an_open_vote_shows_its_title_the_time_and_what_to_do():
    bench = Bench()
    bench.voting(remaining_ms=20500)
    assert shown(bench) == [(TITLE, "The budget"), (TIMER, (21, "Press a button"))]
    bench.step(after=30000)
    assert shown(bench)[1] == (TIMER, (0, "time is over"))


def test_a_press_is_shown_as_sending_until_it_is_accepted():
    bench = Bench()
    bench.voting()
    bench.press(1)
    assert shown(bench) == [(HEAD, "Your vote"), (BIG, "AGAINST"), (NOTE, "sending…")]
    bench.step(after=4000)
    assert shown(bench)[2] == (NOTE, "no answer, waiting…")
    bench.show(**open_vote(receipt=messages.Receipt(2, 9)))
    assert shown(bench) == [(HEAD, "Your vote"), (BIG, "AGAINST"), (NOTE, "vote accepted")]


def test_a_press_without_link_says_that_it_waits():
    bench = Bench()
    bench.voting()
    bench.step((mind.LINK, False))
    bench.press(0)
    assert shown(bench)[2] == (NOTE, "no connection, waiting…")


def test_a_receipted_vote_is_still_said_without_link():
    bench = Bench()
    bench.voting()
    bench.press(0)
    bench.show(**open_vote(receipt=messages.Receipt(1, 9)))
    bench.step((mind.LINK, False))
    assert shown(bench) == [(BIG, "No connection"), (NOTE, "FOR: vote accepted")]


def test_every_refusal_is_said_alone():
    for name in refusal_codes.CODES:
        bench = Bench()
        bench.voting()
        bench.press(0)
        refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES[name])
        bench.show(**open_vote(refusal=refusal))
        assert shown(bench) == [(BIG, words.load(ENGLISH)[name])]


def test_the_result_is_said_in_one_word_and_four_numbers():
    bench = Bench()
    result = messages.ShownResult(False, 20, 5, 3)
    bench.seated(phase="closed", result=result)
    assert shown(bench) == [(BIG, "NOT ADOPTED"), (NOTE, "for\u00a020 against\u00a05 abst.\u00a03")]


def test_the_place_in_the_queue_is_a_number():
    bench = Bench()
    bench.seated(floor_place=3)
    assert shown(bench) == [(HEAD, "Your place in the queue"), (BIG, "3")]


def test_a_speaker_sees_the_time_that_is_left():
    bench = Bench()
    bench.seated(microphone=True, speak_left_ms=185000)
    assert shown(bench)[1] == (BIG, "3:05")
    bench.step(after=60000)
    assert shown(bench)[1] == (BIG, "2:05")


def test_notices_are_said():
    bench = Bench()
    bench.voting(notices=(notice_codes.CODES["vote_extended"],))
    assert shown(bench)[1] == (TIMER, (60, "Time extended"))
    bench.show(**open_vote(notices=(notice_codes.CODES["record_failing"],)))
    assert shown(bench) == [(BIG, "Recording fails, please wait")]
    bench.show(notices=(notice_codes.CODES["seat_revoked"],))
    assert shown(bench) == [(BIG, "Unit is off, take another seat")]


def test_an_unknown_notice_is_ignored():
    bench = Bench()
    bench.voting(notices=(60000,))
    assert shown(bench)[1] == (TIMER, (60, "Press a button"))


def test_a_fault_calls_the_technician():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.show(boot=99, sequence=0, head=bytes(32))
    assert shown(bench)[:2] == [(BIG, "Fault"), (NOTE, "call the technician")]


def places_of(*rows):
    return Layout(EvenFonts(), 3).place(tuple(rows), 0)


def test_nothing_leaves_the_screen():
    fonts = EvenFonts()
    for text in ("a", "a few words more", "unbreakable" * 3, "many words " * 12):
        for rows in (
            ((BIG, text),),
            ((HEAD, text), (BIG, text), (NOTE, text)),
            ((TITLE, text), (TIMER, 120, "press a button")),
        ):
            for x, y, font, line in places_of(*rows):
                assert x >= 0 and x + fonts.width(font, line) <= WIDTH, (rows, line)
                assert y >= 0 and y + fonts.height(font) <= HEIGHT, (rows, line)


def test_a_short_word_is_large_and_a_long_text_is_smaller():
    assert places_of((BIG, "FOR"))[0][2] == 2
    assert places_of((BIG, "quite a long sentence to read"))[0][2] < 2


def test_a_large_font_never_cuts_a_word():
    for _, _, _, line in places_of((BIG, "incomprehensible")):
        assert line == "incomprehensible"


def test_the_same_rows_are_not_drawn_again():
    drawing = Layout(EvenFonts(), 3)
    assert drawing.place(((BIG, "one"),), 0) is not None
    assert drawing.place(((BIG, "one"),), 5000) is None
    assert drawing.place(((BIG, "two"),), 5001) is not None


def test_a_long_title_is_turned_page_by_page_and_begins_again():
    drawing = Layout(EvenFonts(), 3)
    title = "one " * 20
    seen = []
    for now in range(0, 4 * PAGE_MS, 100):
        rows = ((TITLE, title), (TIMER, 60 - now // 1000, "press"))
        places = drawing.place(rows, now)
        if places is not None:
            seen.append(drawing._page)
    assert 0 in seen and 1 in seen
    assert drawing.next_deadline_ms(100) == PAGE_MS
    drawing.place(((TITLE, "short"),), 20000)
    assert drawing.next_deadline_ms(20000) is None


def test_words_are_wrapped_and_kept():
    drawing = Layout(EvenFonts(), 3)
    text = "the quick brown fox jumps over the lazy dog"
    assert " ".join(drawing.wrap(layout.SMALL, text)) == text


def test_rows_have_kinds_that_the_layout_knows():
    assert sorted((HEAD, TITLE, BIG, NOTE, TIMER)) == [1, 2, 3, 4, 5]
    assert screens.BIG == layout.BIG
