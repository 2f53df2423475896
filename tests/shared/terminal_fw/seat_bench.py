"""A seat's mind on a bench: hand-made views, and its signed events opened again."""

from protocol import messages, sealed
from protocol.messages import NO_HASH
from terminal_fw.core import seat as mind
from terminal_fw.core.chain import Chain
from terminal_fw.core.outbox import Outbox
from terminal_fw.core.seat import Seat
from terminal_fw.core.ticks import ticks_add

SEED = bytes(range(32))
HALL = "hall-1"
TERMINAL = "s07"
UP = "hall/hall-1/seat/s07/up"
BADGE = b"\x01\x02\x03\x04"
BALLOT = bytes([7]) * 32
OLD_HEAD = bytes([9]) * 32
PHASE = {}
for _number in range(len(messages.PHASES)):
    PHASE[messages.PHASES[_number]] = _number
HELLO = messages.Hello("test", "seat_a", 1)


class Bench:
    """One seat of boot 5 and a clock that only the test moves."""

    def __init__(self, boot=5, now=1000):
        self.now = now
        self.boot = boot
        self.chain = Chain(SEED, HALL, TERMINAL, boot)
        self.seat = Seat(self.chain, Outbox(lambda limit: 0), HELLO, 0)
        self.events = []  # every different event that left, opened
        self.data = []  # its bytes
        self.effects = []
        self.revision = 100
        self.accepted = None  # index of the newest event that the views settle

    def step(self, *inputs, after=1):
        """One step `after` milliseconds later; sends what wants to leave."""
        self.now = ticks_add(self.now, after)
        effects = self.seat.step(list(inputs), self.now)
        self.effects += effects
        while self.seat.link_up:
            data = self.seat.outbox.next(self.now)
            if data is None:
                break
            if data not in self.data:
                self.data.append(data)
                self.events.append(sealed.open_event(data, UP, lambda message, mark: True))
            self.seat.outbox.mark_sent(self.now)
        return effects

    def view(self, accept=True, revision=None, **fields):
        """A view of this boot; settles every event that has left unless told otherwise."""
        if accept and self.events:
            self.accepted = len(self.events) - 1
        boot, sequence, head = 0, 0, NO_HASH
        if self.accepted is not None:
            event = self.events[self.accepted]
            boot, sequence = event.boot, event.sequence
            head = messages.event_hash(self.data[self.accepted])
        if revision is None:
            self.revision += 1
            revision = self.revision
        return messages.View(
            TERMINAL,
            revision,
            fields.get("boot", boot),
            fields.get("sequence", sequence),
            fields.get("head", head),
            0,
            fields.get("language", 0),
            fields.get("sitter"),
            PHASE[fields.get("phase", "prepared")],
            fields.get("ballot"),
            fields.get("receipt"),
            fields.get("refusal"),
            fields.get("floor_place"),
            fields.get("microphone", False),
            fields.get("speak_left_ms"),
            fields.get("notices", ()),
            fields.get("result"),
        )

    def show(self, **fields):
        """Steps with a view."""
        return self.step((mind.VIEW, self.view(**fields)))

    def join(self):
        """Up to a hello that the controller has admitted."""
        self.step((mind.LINK, True))
        self.show(boot=4, sequence=3, head=OLD_HEAD)
        self.show()

    def seated(self, **fields):
        """Joined, badge in, accepted, and what the view says besides."""
        self.join()
        self.step((mind.BADGE_IN, BADGE))
        fields.setdefault("sitter", messages.Sitter("Asanov", True))
        self.show(**fields)

    def voting(self, **fields):
        """Seated, a vote open for a minute."""
        self.seated(**open_vote(**fields))

    def press(self, button):
        return self.step((mind.PRESSED, button))

    def bodies(self):
        return [event.body for event in self.events]


def open_vote(answers=7, remaining_ms=60000, **fields):
    """The fields of a view while a vote is open."""
    fields["phase"] = "voting"
    fields["ballot"] = messages.ShownBallot(BALLOT, "The budget", answers, remaining_ms)
    fields.setdefault("sitter", messages.Sitter("Asanov", True))
    return fields
