"""The audit: the ledger proves itself, and agrees with what people did and saw at the seats.

Proves: every press that a steady lamp confirmed is in the ledger and, unless the same deputy
pressed later, in the result; nothing is in the result without a press that the seat signed and a
finger made; the five values sum up; the published record is the count; the tree's root is the one
in the signed checkpoint. Every violation is named.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.auditor import count, lamps, log, signed
from simulator.auditor.observed import Observed, Violation


def audit(export: bytes, checkpoint: str, observed: Observed) -> list[Violation]:
    """All violations; an empty list is the proof. ``checkpoint`` is the newest published note."""
    try:
        ledger = log.read(export)
    except log.UnreadableError as error:
        return [Violation("unreadable_export", "export", str(error))]
    auditor = _Auditor(ledger, observed)
    checks: list[Callable[[], None]] = [
        lambda: auditor.check_tree(checkpoint),
        auditor.check_facts,
        auditor.check_votes,
        auditor.check_lamps,
    ]
    for check in checks:
        try:
            check()
        except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
            # a fact without its fields; the export is not to be trusted to have any shape
            auditor.violations.append(Violation("malformed_fact", "export", repr(error)))
    return auditor.violations


class _Auditor:
    def __init__(self, ledger: log.Log, observed: Observed) -> None:
        self.violations: list[Violation] = []
        self._log = ledger
        self._observed = observed
        self._hall = count.Hall()
        self._heads: dict[str, signed.Event] = {}
        self._latest: tuple[int, signed.Event] | None = None
        self._presses_used: dict[tuple[str, bytes, str], int] = {}

    def _say(self, name: str, where: object, detail: str) -> None:
        self.violations.append(Violation(name, str(where), detail))

    # --- the tree and its signed heads

    def check_tree(self, checkpoint: str) -> None:
        ledger = self._log
        if ledger.log_key != self._observed.log_key:
            self._say("wrong_log_key", "header", "not the key that the log was announced with")
        notes: list[signed.Note] = []
        for number, text in enumerate([*ledger.notes, checkpoint]):
            where = f"checkpoint {number}" if number < len(ledger.notes) else "newest checkpoint"
            try:
                notes.append(signed.open_note(text, ledger.origin, self._observed.log_key))
            except signed.BadSignatureError as error:
                self._say("bad_checkpoint", where, str(error))
                continue
            if number == len(ledger.notes) and text not in ledger.notes:
                self._say("unknown_checkpoint", where, "it is not in the export")
        opened = [entry.fact for entry in ledger.entries if entry.kind == "vote_opened"]
        sizes = {note.size for note in notes} | {fact["checkpoint_size"] for fact in opened}
        roots = log.roots([entry.leaf for entry in ledger.entries], sizes)
        for note in notes:
            if roots.get(note.size) != note.root:
                self._say("wrong_root", f"size {note.size}", "the entries have another root")
        for fact in opened:
            if roots.get(fact["checkpoint_size"]) != fact["checkpoint_root"]:
                self._say("wrong_root", fact["vote"], "its ballot names another root")
        covered = max((note.size for note in notes), default=0)
        for entry in ledger.entries[covered:]:
            if entry.kind in ("ballot_cast", "vote_closed", "vote_opened"):
                self._say("not_covered", f"entry {entry.position}", f"{entry.kind} unsigned")

    # --- every fact in its place, every event signed and in its chain

    def check_facts(self) -> None:
        at_ms = 0
        for position, entry in enumerate(self._log.entries):
            where = f"entry {position}"
            if entry.position != position:
                self._say("wrong_position", where, f"it says {entry.position}")
            if entry.fact.get("kind") != entry.kind:
                self._say("wrong_kind", where, f"{entry.kind} over {entry.fact.get('kind')}")
            if entry.at_ms < at_ms:
                self._say("time_runs_back", where, f"{entry.at_ms} ms after {at_ms} ms")
            at_ms = max(at_ms, entry.at_ms)
            if entry.evidence is not None:
                self._check_event(position, entry.evidence)
            if entry.kind == "ballot_cast":
                self._check_cast(position, entry.fact)
            self._hall.take(entry.kind, entry.fact, position)
        for terminal, key in self._hall.keys.items():
            if self._observed.seat_keys.get(terminal) != key:
                self._say("foreign_key", terminal, "the seat itself holds another key")

    def _check_event(self, position: int, evidence: bytes) -> None:
        where = f"entry {position}"
        self._latest = None
        try:
            terminal = signed.named_terminal(evidence)
            key = self._hall.keys.get(terminal)
            if key is None:
                raise signed.BadSignatureError(f"nobody enrolled {terminal!r}")
            event = signed.open_event(evidence, self._hall.plan["hall"], terminal, key)
        except signed.BadSignatureError as error:
            self._say("bad_evidence", where, str(error))
            return
        if terminal in self._hall.revoked:
            self._say("revoked_terminal", where, f"{terminal} was revoked before")
        head = self._heads.get(terminal)
        if head is not None and (event.boot, event.sequence) <= (head.boot, head.sequence):
            self._say("repeated_event", where, f"boot {event.boot}, event {event.sequence}")
        if event.previous != (head.digest if head is not None else bytes(32)):
            self._say("broken_chain", where, f"{terminal} signed it after another event")
        self._heads[terminal] = event
        self._latest = (position, event)

    def _check_cast(self, position: int, cast: dict[str, str]) -> None:
        where, terminal, deputy = f"entry {position}", cast["terminal"], cast["deputy"]
        vote = self._hall.votes.get(cast["vote"])
        if vote is None or self._hall.open != cast["vote"]:
            self._say("cast_outside_vote", where, f"{cast['vote']} is not open")
            return
        if not self._hall.has_right(deputy, terminal):
            self._say("cast_without_right", where, f"{deputy} is not at {terminal}")
        event = self._press_of(position, terminal)
        if event is None:
            self._say("cast_without_evidence", where, f"no press of {terminal} stands by it")
            return
        ballot, answer, badge = event.body
        claimed = (self._hall.badges.get(badge), signed.ANSWERS.get(answer), event.terminal)
        if claimed != (deputy, cast["answer"], terminal) or ballot != vote.opened["ballot"]:
            self._say("cast_differs", where, "the signed press says something else")
        pressed = (terminal, badge, cast["answer"])
        self._presses_used[pressed] = self._presses_used.get(pressed, 0) + 1
        fingers = sum(
            (press.terminal, press.badge, press.answer) == pressed
            for press in self._observed.presses
        )
        if self._presses_used[pressed] > fingers:
            self._say("cast_without_press", where, f"nobody pressed {cast['answer']} at {terminal}")

    def _press_of(self, position: int, terminal: str) -> signed.Event | None:
        """The press from which this cast was decided; it makes one cast and no other.

        One event makes one group of facts and its evidence stands beside the first of them. That is
        another fact than the cast only where a lost seat is heard again by its press.
        """
        if self._latest is None:
            return None
        first, event = self._latest
        self._latest = None
        for entry in self._log.entries[first:position]:
            if entry.kind != "seat_restored" or entry.fact["terminal"] != terminal:
                return None
        return event if event.kind == signed.PRESS else None

    # --- the count

    def check_votes(self) -> None:
        shown = {record.vote: record for record in self._observed.shown}
        for name, vote in self._hall.votes.items():
            if vote.closed is None:
                continue
            plan = self._hall.plan
            stated = {one["deputy"]: one["value"] for one in vote.closed["votes"]}
            for deputy in sorted(set(stated) | set(vote.values)):
                if stated.get(deputy) != vote.values.get(deputy):
                    told = f"{deputy}: {stated.get(deputy)}, counted {vote.values.get(deputy)}"
                    self._say("wrong_value", name, told)
            tally = vote.closed["tally"]
            of_tally = {value: tally[_TALLY[value]] for value in count.VALUES}
            if of_tally != vote.counts:
                self._say("wrong_tally", name, f"{of_tally}, counted {vote.counts}")
            if sum(of_tally.values()) != plan["established"] - plan["vacant"]:
                self._say("wrong_sum", name, f"{of_tally} of {plan['established']}")
            decision = count.adopted(plan, vote.opened["rule"], vote.counts)
            if vote.closed["adopted"] is not decision:
                self._say("wrong_decision", name, f"adopted is {decision} by its rule")
            record = shown.get(name)
            if record is None:
                self._say("not_published", name, "no record of this vote was fetched")
            elif (record.counts, record.by_deputy, record.adopted) != (
                vote.counts,
                vote.values,
                decision,
            ):
                self._say("published_differs", name, "the record is not the count")

    # --- what people saw

    def check_lamps(self) -> None:
        observed = self._observed
        end = max((window.end for window in observed.windows), default=0.0)
        steady = lamps.steady_lamps(observed.lamps, end)
        for window in observed.windows:
            seen = [one for one in steady if window.begin <= one.at < window.end]
            by_person: dict[tuple[str, bytes], list[lamps.Steady]] = {}
            for one in seen:
                by_person.setdefault((one.terminal, one.badge), []).append(one)
            for (terminal, badge), confirmed in by_person.items():
                self._check_person(window.vote, terminal, badge, confirmed)

    def _check_person(
        self, name: str, terminal: str, badge: bytes, confirmed: list[lamps.Steady]
    ) -> None:
        deputy = self._hall.badges.get(badge)
        vote = self._hall.votes.get(name)
        if deputy is None or vote is None:
            self._say("lamp_without_vote", terminal, f"a lamp was steady in {name} for nobody")
            return
        # the receipt goes with the deputy: another seat shows it, too
        rest = iter([answer for who, _, answer in vote.casts if who == deputy])
        seen: list[str] = []
        for one in confirmed:
            if seen and seen[-1] == one.answer:
                continue  # the same receipt, shown again after a power cut
            seen.append(one.answer)
            if one.answer not in rest:
                self._say("confirmed_not_recorded", terminal, f"{deputy}: {one.answer} in {name}")
                break
        last = confirmed[-1]
        later = {
            press.answer
            for press in self._observed.presses
            if press.badge == badge and press.at > last.at
        }
        if vote.closed is not None:
            value = {one["deputy"]: one["value"] for one in vote.closed["votes"]}.get(deputy)
            if value not in later | {last.answer}:
                told = f"{deputy} saw {last.answer} confirmed, the result says {value}"
                self._say("confirmed_not_counted", name, told)


_TALLY = {
    "for": "votes_for",
    "against": "votes_against",
    "abstain": "votes_abstain",
    "not_voted": "not_voted",
    "absent": "absent",
}
