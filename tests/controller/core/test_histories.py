"""Long random histories, watched by a witness that knows only the facts and shares no code.

After every command: a refusal changed nothing, deciding changed nothing, the witness agrees with
the sitting on who is where and who voted; at every close it has counted for itself. At the end the
facts alone, each read back from its text, make an equal sitting.
"""

from __future__ import annotations

import random
from fractions import Fraction as Exact

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core import commands as c
from controller.core import facts as f
from controller.core.steps import next_steps
from tests.controller.halls import Hall, badge, plan, rule

DEPUTIES = 4
RULES = (
    rule("established", "ge", 1, 2),
    rule("present", "gt", 1, 2),
    rule("took_part", "gt", 1, 2),
    rule("cast", "ge", 2, 3),
    rule("elected", "gt", 2, 3),
)
LIVENESS = {
    "controller_started",
    "command_accepted",
    "event_refused",
    "terminal_enrolled",
    "terminal_revoked",
    "terminal_started",
    "terminal_reported",
    "seat_lost",
    "seat_restored",
    "badge_seated",
    "badge_left",
}


class Witness:
    """Reads facts as plain dicts and remembers the least that is needed to judge a sitting."""

    def __init__(self) -> None:
        self.plan: dict = {}
        self.seats: dict[str, dict] = {}
        self.registered: set[str] = set()
        self.vote: str | None = None
        self.casts: dict[str, str] = {}
        self.counted: dict[str, dict[str, str]] = {}
        self.ended = False
        self.queue: list[str] = []

    def present(self) -> set[str]:
        return {s["who"] for s in self.seats.values() if s["who"] and s["on"] and s["sure"]}

    def tied(self) -> list[str]:
        return [s["who"] for s in self.seats.values() if s["who"]]

    def see(self, fact: dict) -> None:
        kind = fact["kind"]
        assert not self.ended or kind in LIVENESS, kind
        getattr(self, kind, lambda fact: None)(fact)
        assert len(self.tied()) == len(set(self.tied())), "one badge at two seats"
        assert not any(s["revoked"] and s["who"] for s in self.seats.values())

    def sitting_prepared(self, fact: dict) -> None:
        self.plan = fact

    def terminal_enrolled(self, fact: dict) -> None:
        self.seats[fact["terminal"]] = {"on": False, "who": None, "sure": False, "revoked": False}

    def terminal_revoked(self, fact: dict) -> None:
        seat = self.seats[fact["terminal"]]
        assert seat["who"] is None and not seat["revoked"]
        seat.update(on=False, revoked=True)

    def terminal_started(self, fact: dict) -> None:
        self.seats[fact["terminal"]].update(on=True, sure=False)

    def seat_lost(self, fact: dict) -> None:
        assert self.seats[fact["terminal"]]["on"]
        self.seats[fact["terminal"]]["on"] = False

    def seat_restored(self, fact: dict) -> None:
        seat = self.seats[fact["terminal"]]
        assert not seat["on"] and not seat["revoked"]
        seat["on"] = True

    def badge_seated(self, fact: dict) -> None:
        seat = self.seats[fact["terminal"]]
        assert seat["on"] and seat["who"] in (None, fact["deputy"])
        seat.update(who=fact["deputy"], sure=True)

    def badge_left(self, fact: dict) -> None:
        seat = self.seats[fact["terminal"]]
        assert seat["who"] == fact["deputy"]
        seat.update(who=None, sure=False)

    def deputy_registered(self, fact: dict) -> None:
        assert fact["deputy"] in self.present() and fact["deputy"] not in self.registered
        self.registered.add(fact["deputy"])

    def floor_requested(self, fact: dict) -> None:
        assert fact["deputy"] in self.present()
        self.queue.append(fact["deputy"])

    def floor_withdrawn(self, fact: dict) -> None:
        self.queue.remove(fact["deputy"])

    def vote_opened(self, fact: dict) -> None:
        assert self.vote is None and fact["vote"] not in self.counted
        assert Exact(len(self.present())) > Exact(self.plan["established"], 2), "no quorum"
        self.vote, self.casts, self.rule = fact["vote"], {}, fact["rule"]

    def ballot_cast(self, fact: dict) -> None:
        seat = self.seats[fact["terminal"]]
        assert fact["vote"] == self.vote
        assert seat["who"] == fact["deputy"] and seat["on"] and seat["sure"]
        assert fact["deputy"] in self.registered
        self.casts[fact["deputy"]] = fact["answer"]

    def vote_closed(self, fact: dict) -> None:
        assert fact["vote"] == self.vote
        here = self.present() & self.registered
        mine = {}
        for deputy in self.plan["deputies"]:
            name = deputy["id"]
            mine[name] = self.casts.get(name) or ("not_voted" if name in here else "absent")
        assert [one["deputy"] for one in fact["votes"]] == list(mine)
        assert {one["deputy"]: one["value"] for one in fact["votes"]} == mine
        count = {word: list(mine.values()).count(word) for word in mine.values()}
        tally = fact["tally"]
        assert tally["votes_for"] == count.get("for", 0)
        assert tally["votes_against"] == count.get("against", 0)
        assert tally["votes_abstain"] == count.get("abstain", 0)
        assert tally["not_voted"] == count.get("not_voted", 0)
        assert tally["absent"] == count.get("absent", 0)
        assert sum(tally.values()) == self.plan["established"] - self.plan["vacant"]
        assert fact["adopted"] is self.adopted(count)
        self.counted[self.vote] = mine
        self.vote = None

    def adopted(self, count: dict[str, int]) -> bool:
        yes, no, third = (count.get(word, 0) for word in ("for", "against", "abstain"))
        base = {
            "established": self.plan["established"],
            "elected": len(self.plan["deputies"]),
            "present": sum(count.values()) - count.get("absent", 0),
            "took_part": yes + no + third,
            "cast": yes + no,
        }
        (asks,) = [one["passes"] for one in self.plan["rules"] if one["id"] == self.rule]
        share = Exact(asks["numerator"], asks["denominator"]) * base[asks["base"]]
        return yes > 0 and (yes > share if asks["compare"] == "gt" else yes >= share)

    def sitting_ended(self, fact: dict) -> None:
        assert self.vote is None
        self.ended = True
        self.queue = []


seats = st.sampled_from(["s1", "s2", "s3", "s4", "s5"])
people = st.integers(1, DEPUTIES)
badges = st.one_of(people.map(badge), st.just(b"\x00" * 7))
answers = st.sampled_from(["for", "against", "abstain", "for", "maybe"])
ballots = st.sampled_from(["now", "now", "now", "now", "old", "junk"])
VOTING = st.one_of(
    st.tuples(st.just("press"), people, answers),
    st.tuples(st.just("press_all"), st.tuples(*[answers] * DEPUTIES)),
    st.tuples(st.just("press_all"), st.tuples(*[st.sampled_from(["for", "abstain"])] * DEPUTIES)),
    st.tuples(st.just("wait"), st.sampled_from([1, 12_000, 30_000])),
    st.just(("next",)),
)
ACTIONS = st.one_of(
    VOTING,
    st.tuples(st.just("arrive"), people),
    st.builds(c.StartTerminal, seats, st.just("1.0")),
    st.builds(c.PresentBadge, seats, badges),
    st.builds(c.TakeBadgeAway, seats),
    st.tuples(st.just("press_at"), seats, badges, ballots, answers),
    st.builds(c.RequestFloor, seats),
    st.builds(c.WithdrawFloor, seats),
    st.builds(c.ReportTerminal, seats, st.just(1), st.just("x")),
    st.builds(c.LoseSeat, seats),
    st.builds(c.RestoreSeat, seats),
    st.just(c.StartController("again")),
    st.tuples(
        st.just("order"),
        st.sampled_from(["same", "new"]),
        st.one_of(
            st.builds(c.AnnounceItem, st.sampled_from(["i1", "i2", "i9"])),
            st.builds(c.OpenVote, st.sampled_from(["i1", "i2"])),
            st.builds(c.ExtendVote, st.sampled_from(["v1", "v2"]), st.sampled_from([1, 10_000])),
            st.builds(c.CloseVote, st.sampled_from(["v1", "v2"])),
            st.builds(c.ProclaimResult, st.sampled_from(["v1", "v2"])),
            st.builds(c.RevokeTerminal, seats),
            st.just(c.OpenRegistration()),
            st.just(c.CloseRegistration()),
        ),
    ),
)


def commands_of(hall: Hall, action) -> list[c.AnyCommand]:
    """What an action means in this hall now."""
    if isinstance(action, c.Command):
        return [action]
    word, *rest = action
    last = hall.sitting.last_vote
    now = last.opened.ballot if last else bytes(32)
    if word == "arrive":
        (n,) = rest
        return [c.StartTerminal(f"s{n}", "1.0"), c.PresentBadge(f"s{n}", badge(n))]
    if word == "press":
        n, answer = rest
        return [c.PressAnswer(f"s{n}", badge(n), now, answer)]
    if word == "press_all":
        return [
            c.PressAnswer(f"s{n}", badge(n), now, one) for n, one in enumerate(rest[0], start=1)
        ]
    if word == "press_at":
        seat, whose, which, answer = rest
        old = next(iter(hall.sitting.votes.values())).opened.ballot if last else bytes(32)
        return [c.PressAnswer(seat, whose, {"now": now, "old": old}.get(which, b"?"), answer)]
    if word == "wait":
        hall.now_ms += rest[0]
        return [c.Tick()]
    hall.orders += 1
    if word == "next":
        primary = next_steps(hall.sitting, hall.now_ms).primary
        # the end comes rarely, or histories would be short
        if primary is None or (isinstance(primary.command, c.EndSitting) and hall.orders % 8):
            return []
        return [c.Order(f"o{hall.orders}", "chair", primary.command)]
    same, command = rest
    return [c.Order("same" if same == "same" else f"o{hall.orders}", "chair", command)]


def agrees(witness: Witness, hall: Hall) -> None:
    attendance = hall.sitting.attendance
    assert attendance.present() == witness.present()
    assert attendance.no_connection_count == len(witness.tied()) - len(witness.present())
    assert set(attendance.registered) == witness.registered
    assert list(hall.sitting.floor.queue) == witness.queue
    assert set(witness.queue) <= set(witness.tied())
    assert len(witness.queue) == len(set(witness.queue))
    if hall.sitting.phase in ("registration", "item", "voting", "closed", "proclaimed"):
        assert witness.present() <= witness.registered
    vote = hall.sitting.open_vote
    assert (vote.id if vote else None) == witness.vote
    if vote is not None:
        assert {who: cast.answer for who, cast in vote.casts.items()} == witness.casts
        assert vote.deadline_ms > vote.opened.opened_ms


def live_through(hall: Hall, actions) -> Witness:
    witness = Witness()
    seen = 0
    for action in actions:
        for command in commands_of(hall, action):
            before = hall.sitting.dump()
            hall.ask(command)
            assert hall.sitting.dump() == before, "deciding changed the sitting"
            answer = hall.do(command)
            if not isinstance(answer, tuple):
                assert hall.sitting.dump() == before, "a refusal changed the sitting"
            for fact, _ in hall.entries[seen:]:
                witness.see(msgspec.to_builtins(fact))
            seen = len(hall.entries)
            agrees(witness, hall)
    return witness


@settings(max_examples=250, deadline=None)
@given(
    made_by=st.sampled_from(RULES),
    # how far the hall is when the history begins: empty, full, with an item, voting
    opening=st.sampled_from([0, DEPUTIES, DEPUTIES + 3, DEPUTIES + 4, DEPUTIES + 4]),
    actions=st.lists(st.one_of(ACTIONS, VOTING), min_size=5, max_size=60),
)
def test_any_history_keeps_the_invariants_and_is_rebuilt_from_its_facts(made_by, opening, actions):
    hall = Hall(plan(DEPUTIES, items=2, rules=(made_by,)))
    whole = [*[("arrive", n) for n in range(1, DEPUTIES + 1)], *[("next",)] * 4]
    live_through(hall, [*whole[:opening], *actions])
    assert hall.replayed().dump() == hall.sitting.dump()


def walk(rng: random.Random, steps: int):
    """Actions of a lively hall: mostly voting, with every fault now and then."""

    def seat() -> str:
        return f"s{rng.randint(1, DEPUTIES + 1)}"

    def anybody() -> bytes:
        return badge(rng.randint(1, DEPUTIES + 1))

    def answer() -> str:
        return rng.choice(["for", "for", "for", "against", "abstain", "maybe"])

    choices = [
        (8, lambda: ("next",)),
        (20, lambda: ("press", rng.randint(1, DEPUTIES), answer())),
        (6, lambda: ("press_all", [answer() for _ in range(DEPUTIES)])),
        (8, lambda: ("arrive", rng.randint(1, DEPUTIES))),
        (4, lambda: ("wait", rng.choice([1, 1, 1, 12_000, 30_000]))),
        (3, lambda: ("press_at", seat(), anybody(), rng.choice(["now", "old", "junk"]), answer())),
        (2, lambda: c.StartTerminal(seat(), "1.0")),
        (6, lambda: c.PresentBadge(seat(), anybody())),
        (2, lambda: c.TakeBadgeAway(seat())),
        (6, lambda: c.RequestFloor(seat())),
        (3, lambda: c.WithdrawFloor(seat())),
        (1, lambda: c.ReportTerminal(seat(), 1, "x")),
        (4, lambda: c.LoseSeat(seat())),
        (4, lambda: c.RestoreSeat(seat())),
        (1, lambda: c.StartController("again")),
        (1, lambda: ("order", "new", c.AnnounceItem(f"i{rng.randint(1, 41)}"))),
        (2, lambda: ("order", "new", c.ExtendVote(f"v{rng.randint(1, 9)}", 10_000))),
    ]
    weights, makers = zip(*choices, strict=True)
    for maker in rng.choices(makers, weights, k=steps):
        yield maker()


@pytest.mark.parametrize("seed", range(20))
def test_a_long_walk_keeps_the_invariants_and_is_rebuilt_from_its_facts(seed):
    rng = random.Random(seed)
    hall = Hall(plan(DEPUTIES, items=40, rules=(rng.choice(RULES),)))
    everybody = [("arrive", n) for n in range(1, DEPUTIES + 1)]
    witness = live_through(hall, [*everybody, ("next",), ("next",), *walk(rng, 400)])
    assert len(witness.counted) >= 2, "a walk without votes proves nothing"
    assert hall.replayed().dump() == hall.sitting.dump()


def test_the_witness_sees_whole_sittings_with_votes():
    """The property is worth something only if histories like this one are inside its world."""
    hall = Hall(plan(DEPUTIES, items=2, rules=RULES[:1]))
    everybody = [("arrive", n) for n in range(1, DEPUTIES + 1)]
    vote = [("next",), ("next",), ("press", 1, "for"), ("press", 2, "for"), ("press", 1, "against")]
    round_ = [*vote, c.LoseSeat("s3"), ("wait", 30_000), ("next",)]
    witness = live_through(hall, [*everybody, ("next",), ("next",), *round_, *round_])
    assert witness.counted == {
        vote: {"d1": "against", "d2": "for", "d3": "absent", "d4": "not_voted"}
        for vote in ("v1", "v2")
    }


def test_the_same_facts_make_the_same_sitting_after_any_restart():
    hall = Hall(plan(DEPUTIES)).voting()
    hall.press(1)
    again = hall.replayed()
    assert again.dump() == hall.sitting.dump()
    for position in range(len(hall.entries), len(hall.entries) + 1):
        fact = f.ControllerStarted(2, "again")
        again.apply(fact, hall.now_ms, position)
        hall.sitting.apply(fact, hall.now_ms, position)
    assert again.dump() == hall.sitting.dump()
