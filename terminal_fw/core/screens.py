"""Which one message the deputy sees now, as data: rows of a size and a text.

Promises one message at a time, in big words, in the seat's language. Reads the seat, decides
nothing and draws nothing.
"""

from protocol import messages, notice_codes
from terminal_fw.core import words

# row kinds
HEAD = 1  # small, one line, at the top
TITLE = 2  # small, up to two lines, turned over page by page when longer
BIG = 3  # as large as fits into the room that the other rows leave
NOTE = 4  # small, at the bottom, up to two lines
TIMER = 5  # (TIMER, seconds, text): a big number and a text beside it

_NO_BREAK = "\u00a0"
_ANSWER_WORDS = ("for", "against", "abstain")
_PHASE_REGISTRATION = messages.PHASES.index("registration")
_PHASE_ITEM = messages.PHASES.index("item")
_PHASE_CLOSED = messages.PHASES.index("closed")
_PHASE_PROCLAIMED = messages.PHASES.index("proclaimed")
_PHASE_ENDED = messages.PHASES.index("ended")


class Screens:
    """The words of the seat's language, and which of them are shown."""

    def __init__(self) -> None:
        self._language = None
        self._words = {}

    def rows(self, seat, now_ms: int) -> tuple:
        """The rows of the one screen that matters most now."""
        if seat.language != self._language:
            self._language = seat.language
            self._words = words.load(seat.language)
        say = self._words
        if seat.fault is not None:
            return ((BIG, say["fault"]), (NOTE, say["call_technician"]), (NOTE, seat.fault))
        if seat.hint is not None:
            return ((BIG, say[seat.hint]),)
        if not seat.joined:
            if seat.link_up:
                return ((BIG, say["starting"]),)
            return ((BIG, say["no_connection"]), (NOTE, say["wait"]))
        if "seat_revoked" in self._notices(seat):
            return ((BIG, say["seat_revoked"]),)
        if seat.pending is not None:
            return self._pending(seat, say, now_ms)
        if not seat.link_up:
            return self._no_connection(seat, say)
        if not seat.badge:
            return ((BIG, say["put_badge"]),)
        if seat.badge_refusal is not None:
            return ((BIG, say[seat.badge_refusal]),)
        if not seat.badge_settled or seat.view.sitter is None:
            return ((BIG, say["checking"]),)
        return self._seated(seat, say, now_ms)

    def _pending(self, seat, say, now_ms: int) -> tuple:
        state = "sending"
        if not seat.link_up:
            state = "not_sent_yet"
        elif seat.silent(now_ms):
            state = "no_answer"
        return (
            (HEAD, say["your_vote"]),
            (BIG, say[_ANSWER_WORDS[seat.pending.answer - 1]]),
            (NOTE, say[state]),
        )

    def _no_connection(self, seat, say) -> tuple:
        if seat.receipt is None:
            return ((BIG, say["no_connection"]), (NOTE, say["wait"]))
        answer = say[_ANSWER_WORDS[seat.receipt - 1]]
        return ((BIG, say["no_connection"]), (NOTE, answer + ": " + say["accepted"]))

    def _seated(self, seat, say, now_ms: int) -> tuple:
        view = seat.view
        if view.microphone:
            return self._speaking(seat, say, now_ms)
        if seat.voting:
            return self._voting(seat, say, now_ms)
        if view.phase in (_PHASE_CLOSED, _PHASE_PROCLAIMED):
            return self._closed(view, say)
        if view.floor_place is not None:
            return ((HEAD, say["queue_place"]), (BIG, str(view.floor_place)))
        if view.phase == _PHASE_ITEM:
            if view.ballot is None:
                return ((HEAD, view.sitter.name), (BIG, say["item"]))
            return ((HEAD, say["item"]), (TITLE, view.ballot.title))
        if view.phase == _PHASE_ENDED:
            return ((BIG, say["sitting_ended"]),)
        return self._welcome(view, say)

    def _welcome(self, view, say) -> tuple:
        registered = "registered" if view.sitter.registered else "not_yet_registered"
        # initials stay together
        name = view.sitter.name.replace(". ", "." + _NO_BREAK)
        rows = ((BIG, name), (NOTE, say[registered]))
        if view.phase == _PHASE_REGISTRATION and not view.sitter.registered:
            rows = ((HEAD, say["registration"]),) + rows
        return rows

    def _voting(self, seat, say, now_ms: int) -> tuple:
        notices = self._notices(seat)
        seconds = (seat.vote_left_ms(now_ms) + 999) // 1000
        if "record_failing" in notices:
            return ((BIG, say["record_failing"]),)
        if seat.receipt is not None:
            return (
                (HEAD, say["your_vote"]),
                (BIG, say[_ANSWER_WORDS[seat.receipt - 1]]),
                (NOTE, say["accepted"]),
            )
        ask = "press_button" if seconds else "time_over"
        if "vote_extended" in notices and seconds:
            ask = "vote_extended"
        return ((TITLE, seat.view.ballot.title), (TIMER, seconds, say[ask]))

    def _closed(self, view, say) -> tuple:
        result = view.result
        if result is None:
            return ((BIG, say["voting_closed"]),)
        counts = "%s~%d %s~%d %s~%d".replace("~", _NO_BREAK) % (
            say["result_for"],
            result.votes_for,
            say["result_against"],
            result.votes_against,
            say["result_abstain"],
            result.abstentions,
        )
        return ((BIG, say["adopted" if result.adopted else "not_adopted"]), (NOTE, counts))

    def _speaking(self, seat, say, now_ms: int) -> tuple:
        left_ms = seat.speak_left_ms(now_ms)
        if left_ms is None:
            return ((BIG, say["speak"]), (NOTE, say["microphone_on"]))
        seconds = (left_ms + 999) // 1000
        clock = "%d:%02d" % (seconds // 60, seconds % 60)
        return ((HEAD, say["speak"]), (BIG, clock), (NOTE, say["microphone_on"]))

    def _notices(self, seat) -> list:
        return [notice_codes.NAMES.get(code) for code in seat.view.notices]
