"""The seat's mind: what a press, a badge, a view or silence means, and what the deputy sees.

Promises: a lamp is steady only by a receipt in an authentic view; every accepted press becomes one
signed event that is kept until a view settles it; what the seat cannot accept it refuses at once
and says why. Pure: knows no clock, pin, file or socket. `step(inputs, now_ms) -> effects`.
"""

from protocol import messages, refusal_codes
from protocol.messages import NO_HASH
from terminal_fw.core.ticks import is_due, ticks_add, ticks_diff

# inputs
PRESSED = 1  # (PRESSED, button)
BADGE_IN = 2  # (BADGE_IN, badge)
BADGE_OUT = 3  # (BADGE_OUT,)
VIEW = 4  # (VIEW, view), its MAC already checked
LINK = 5  # (LINK, up)
SERVICE = 6  # (SERVICE, code, detail): the technician should know

# effects
LAMPS = 1  # (LAMPS, modes): one mode for each lamp
BUZZ = 2  # (BUZZ,): refused
RESTART = 3  # (RESTART, why)

# lamp modes
OFF = 0
ON = 1
FAST = 2  # pressed, not receipted yet
SLOW = 3  # waiting for the deputy

BUTTON_FLOOR = 3  # buttons 0, 1, 2 are the answers 1, 2, 3
ANSWERS = 3
HELLO_WAIT_MS = 1500
HINT_MS = 4000
SILENCE_MS = 3000
REPORTS_MAX = 8

# codes of service reports
REPORT_INPUT_OVERFLOW = 1
REPORT_READER_FAULT = 2
REPORT_SCREEN_FAULT = 3

_PHASE_VOTING = messages.PHASES.index("voting")


class Pending:
    """A press that is signed and not settled."""

    def __init__(self, sequence: int, answer: int, ballot: bytes) -> None:
        self.sequence = sequence
        self.answer = answer
        self.ballot = ballot


class Seat:
    """One seat of one boot. Everything a screen needs to know is a plain attribute."""

    def __init__(self, chain, outbox, hello, language: int) -> None:
        self.chain = chain
        self.outbox = outbox
        self.language = language
        self.link_up = False
        self.joined = False  # the hello of this boot is in the ledger
        self.fault = None  # why this seat must not go on; a technician has to come
        self.view = None  # the newest view of this boot
        self.revision = 0
        self.badge = b""
        self.badge_refusal = None  # why the badge in the slot is not accepted
        self.pending = None
        self.hint = None  # a word to show for a moment
        self.floor_sequence = None
        self._badge_sequence = None
        self._hello = hello
        self._hello_at_ms = None  # when the hello leaves without a view
        self._hello_sequence = None
        self._hello_previous = None
        self._head = NO_HASH
        self._head_known = False
        self._badge_on_wire = b""
        self._presser = b""  # the badge of whoever pressed what is pending
        self._reports = []
        self._hint_until_ms = 0
        self._vote_until_ms = 0
        self._speak_until_ms = 0
        self._refusal_seen = None
        self._effects = []
        self._modes = None

    # -- one step

    def step(self, inputs: list, now_ms: int) -> list:
        """Takes in what happened up to this instant; gives back what the seat must do."""
        self._effects = []
        for item in inputs:
            kind = item[0]
            if kind == VIEW:
                self._take_view(item[1], now_ms)
            elif kind == LINK:
                self._take_link(item[1], now_ms)
            elif kind == BADGE_IN:
                self.badge = item[1]
                self.badge_refusal = None
                if self.badge != self._presser:  # what another deputy pressed is not theirs
                    self._presser = self.badge
                    self.pending = None
                    self.floor_sequence = None
            elif kind == BADGE_OUT:
                self.badge = b""
                self.badge_refusal = None
            elif kind == PRESSED:
                self._take_press(item[1], now_ms)
            elif kind == SERVICE:
                if len(self._reports) < REPORTS_MAX:  # a flood of reports says no more than eight
                    self._reports.append(item[1:])
            self._follow_badge()
        self._say_hello(now_ms)
        self._follow_badge()
        self._report()
        if self.hint is not None and is_due(self._hint_until_ms, now_ms):
            self.hint = None
        modes = self.lamp_modes(now_ms)
        if modes != self._modes:
            self._modes = modes
            self._effects.append((LAMPS, modes))
        return self._effects

    def next_deadline_ms(self, now_ms: int):
        """When `step` has work without any input; None when it only waits."""
        nearest = None
        candidates = []
        if self.hint is not None:
            candidates.append(self._hint_until_ms)
        if self._hello_at_ms is not None:
            candidates.append(self._hello_at_ms)
        for left_ms in (self.vote_left_ms(now_ms), self.speak_left_ms(now_ms)):
            if left_ms:  # the shown seconds change
                candidates.append(ticks_add(now_ms, (left_ms - 1) % 1000 + 1))
        waited_ms = self.outbox.waited_ms(now_ms)
        if len(self.outbox) and waited_ms < SILENCE_MS:
            candidates.append(ticks_add(now_ms, SILENCE_MS - waited_ms))
        for deadline_ms in candidates:
            if nearest is None or ticks_diff(deadline_ms, nearest) < 0:
                nearest = deadline_ms
        return nearest

    # -- what the screen and the lamps ask

    def vote_left_ms(self, now_ms: int):
        """Milliseconds until the open vote ends; None when no vote is open."""
        if not self.voting:
            return None
        return max(0, ticks_diff(self._vote_until_ms, now_ms))

    def speak_left_ms(self, now_ms: int):
        """Milliseconds left to speak; None when nobody counts them."""
        if self.view is None or not self.view.microphone or self.view.speak_left_ms is None:
            return None
        return max(0, ticks_diff(self._speak_until_ms, now_ms))

    @property
    def voting(self) -> bool:
        view = self.view
        return view is not None and view.phase == _PHASE_VOTING and view.ballot is not None

    @property
    def badge_settled(self) -> bool:
        """Whether the controller has judged what lies in the slot now."""
        return self.joined and self._badge_on_wire == self.badge and self._badge_sequence is None

    @property
    def receipt(self):
        """The receipted answer of the deputy in this seat, or None."""
        if self.view is None or self.view.receipt is None:
            return None
        # until the controller has judged this badge the view may speak of the deputy before
        return self.view.receipt.answer if self.badge and self.badge_settled else None

    @property
    def floor_place(self):
        """The place in the queue of the deputy in this seat, or None."""
        if self.view is None or not self.badge or not self.badge_settled:
            return None
        return self.view.floor_place

    def silent(self, now_ms: int) -> bool:
        """Whether an event has been on its way too long."""
        return self.outbox.waited_ms(now_ms) >= SILENCE_MS

    def lamp_modes(self, now_ms: int) -> tuple:
        """The modes of the lamps for, against, abstain, floor and status."""
        if self.fault is not None:
            return (OFF, OFF, OFF, OFF, FAST)
        answers = [OFF] * ANSWERS
        if self.receipt is not None:
            answers[self.receipt - 1] = ON
        if self.pending is not None:
            answers[self.pending.answer - 1] = FAST
        floor = OFF
        if self.floor_sequence is not None:
            floor = FAST
        elif self.badge and self.view is not None:
            if self.floor_place is not None or self.view.microphone:
                floor = ON
        return tuple(answers) + (floor, self._status_mode(now_ms))

    def _status_mode(self, now_ms: int) -> int:
        if not self.link_up or not self.joined or not self.badge_settled or not self.badge:
            return OFF
        if self.view is None or self.view.sitter is None:
            return OFF
        waiting = self.receipt is None and self.pending is None
        return SLOW if self.voting and waiting and self.vote_left_ms(now_ms) else ON

    # -- the link and the hello

    def _take_link(self, up: bool, now_ms: int) -> None:
        self.link_up = up
        if not up:
            self._hello_at_ms = None  # the wait for a view begins again with the next connection
            return
        self.outbox.rewind()
        if self._hello_sequence is None and self.fault is None:
            self._hello_at_ms = ticks_add(now_ms, HELLO_WAIT_MS)

    def _say_hello(self, now_ms: int) -> None:
        """The first hello: from the head of the retained view, or from nothing after a while."""
        if self._hello_at_ms is None or self.fault is not None:
            return
        if self._head_known or is_due(self._hello_at_ms, now_ms):
            self._sign_hello()

    def _sign_hello(self) -> None:
        self._hello_at_ms = None
        self.outbox.clear()
        self.chain.start_from(self._head)
        self._hello_previous = self._head
        self._hello_sequence = self._sign(self._hello)

    # -- views

    def _take_view(self, view, now_ms: int) -> None:
        if self.fault is not None or view.revision <= self.revision:
            return
        self.revision = view.revision
        self._set_language(view.language)
        boot = self.chain.boot
        if view.seat_boot > boot or (view.seat_boot == boot and self._hello_sequence is None):
            self._stop("identity in use elsewhere")
        elif view.seat_boot == boot:
            if view.accepted_sequence < self._hello_sequence:  # an earlier hello was admitted
                self.outbox.clear()
                self.chain.start_from(view.head_hash)
                self._hello_sequence = 0
            self._take_own_view(view, now_ms)
        elif self.joined:
            self._effects.append((RESTART, "the controller forgot this boot"))
        else:
            self._take_foreign_head(view)

    def _take_foreign_head(self, view) -> None:
        """Not joined yet: the view tells after which event the hello must come."""
        self._head = view.head_hash
        self._head_known = True
        if self._hello_sequence is not None and view.head_hash != self._hello_previous:
            self._sign_hello()

    def _take_own_view(self, view, now_ms: int) -> None:
        old = self.view
        if old is not None and view.accepted_sequence < old.accepted_sequence:
            self._effects.append((RESTART, "the controller lost events"))
            return
        self.joined = True
        self.view = view
        self.outbox.settle(view.accepted_sequence)
        if view.ballot is not None:
            self._vote_until_ms = ticks_add(now_ms, view.ballot.remaining_ms)
        if view.speak_left_ms is not None:
            self._speak_until_ms = ticks_add(now_ms, view.speak_left_ms)
        refused, reason = self._new_refusal(view)
        self._settle_badge(view, refused, reason)
        self._announce_again(view)
        self._settle_floor(view, refused, reason, now_ms)
        self._settle_press(view, refused, reason, now_ms)

    def _new_refusal(self, view):
        """(sequence, reason) of a refusal that was not handled yet; (None, None) otherwise."""
        refusal = view.refusal
        if refusal is None or refusal.sequence == self._refusal_seen:
            return None, None
        if refusal.sequence > view.accepted_sequence:
            return None, None  # not judged yet: the outbox sends it again
        self._refusal_seen = refusal.sequence
        return refusal.sequence, refusal_codes.NAMES.get(refusal.reason, "refused")

    def _settle_badge(self, view, refused, reason) -> None:
        sequence = self._badge_sequence
        if sequence is None or view.accepted_sequence < sequence:
            return
        self._badge_sequence = None
        if refused == sequence and self.badge == self._badge_on_wire and self.badge:
            self.badge_refusal = reason
            self._effects.append((BUZZ,))

    def _announce_again(self, view) -> None:
        """A settled badge at which nobody sits: moved by another seat's late event, or refused."""
        if view.sitter is None and self.badge and self.badge_settled and self.badge_refusal is None:
            self._badge_on_wire = b""

    def _settle_floor(self, view, refused, reason, now_ms: int) -> None:
        sequence = self.floor_sequence
        if sequence is None or view.accepted_sequence < sequence:
            return
        self.floor_sequence = None
        if refused == sequence:
            self._refuse(reason, now_ms)

    def _settle_press(self, view, refused, reason, now_ms: int) -> None:
        pending = self.pending
        if pending is None or view.accepted_sequence < pending.sequence:
            return
        self.pending = None
        if refused == pending.sequence:
            self._refuse(reason, now_ms)
            return
        same_ballot = view.ballot is not None and view.ballot.hash == pending.ballot
        if same_ballot and self.badge and view.sitter is not None:
            if view.receipt is None or view.receipt.answer != pending.answer:
                self._refuse("refused", now_ms)

    def _set_language(self, language: int) -> None:
        self.language = language

    # -- fingers and badges

    def _take_press(self, button: int, now_ms: int) -> None:
        if self.fault is not None:
            return
        problem = self._why_not(button)
        if problem is not None:
            self._refuse(problem, now_ms)
        elif button == BUTTON_FLOOR:
            self._ask_floor()
        else:
            self._vote(button + 1)

    def _why_not(self, button: int):
        """Why the seat itself refuses this press; None when it goes to the controller."""
        view = self.view
        if not self.joined or view is None:
            return "no_connection"
        if not self.badge:
            return "put_badge"
        if self.badge_refusal is not None:
            return self.badge_refusal
        if button != BUTTON_FLOOR:
            if view.ballot is None:
                return "no_vote_open"
            if not view.ballot.answers >> button & 1:
                return "answer_not_allowed"
        return "outbox_full" if self.outbox.full else None

    def _vote(self, answer: int) -> None:
        ballot = self.view.ballot.hash
        if self.pending is not None and self.pending.ballot == ballot:
            if self.pending.answer == answer:
                return  # the same press again says nothing new
        elif self.receipt == answer:
            return
        sequence = self._sign(messages.Press(ballot, answer, self.badge))
        self.pending = Pending(sequence, answer, ballot)
        self.hint = None

    def _ask_floor(self) -> None:
        if self.floor_sequence is not None:
            return  # one wish at a time
        if self.floor_place is None:
            self.floor_sequence = self._sign(messages.FloorRequest())
        else:
            self.floor_sequence = self._sign(messages.FloorWithdraw())
        self.hint = None

    def _follow_badge(self) -> None:
        """Tells the controller what lies in the slot; a full outbox delays it, never drops it."""
        if not self.joined or self.fault is not None:
            return
        while self._badge_on_wire != self.badge and not self.outbox.full:
            if self._badge_on_wire:
                self._badge_sequence = self._sign(messages.BadgeGone())
                self._badge_on_wire = b""
            else:
                self._badge_sequence = self._sign(messages.BadgePresent(self.badge))
                self._badge_on_wire = self.badge

    def _report(self) -> None:
        while self._reports and self.joined and not self.outbox.full:
            code, detail = self._reports.pop(0)
            self._sign(messages.ServiceReport(code, detail))

    # -- small things

    def _sign(self, body) -> int:
        sequence, data = self.chain.sign(body, self.revision)
        self.outbox.add(sequence, data)
        return sequence

    def _refuse(self, word: str, now_ms: int) -> None:
        self.hint = word
        self._hint_until_ms = ticks_add(now_ms, HINT_MS)
        self._effects.append((BUZZ,))

    def _stop(self, why: str) -> None:
        self.fault = why
        self.pending = None
        self.outbox.clear()
        self._hello_at_ms = None
