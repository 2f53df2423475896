"""Plays a scenario in a hall: people at the seats, the chair's orders, faults and expectations.

The clock is the scenario's own: a step begins when the one before it is done and its pause is over,
so a slow machine plays the same story more slowly. A seed decides who belongs to which group and
who acts before whom.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from simulator import steps
from simulator.auditor.observed import Window
from simulator.chair import HallSilent
from simulator.controller_process import ControllerFailed, signal_process
from simulator.hall_process import SimulatedHall
from simulator.scenario import EVERYBODY, Scenario
from simulator.timing import cpu_seconds, resident_bytes

ANSWERS = ("for", "against", "abstain")
STEADY_S = 0.8  # longer than the auditor asks of a steady lamp
_POLL_S = 0.1
_COLUMNS = {
    "for": "votes_for",
    "against": "votes_against",
    "abstain": "votes_abstain",
    "not_voted": "not_voted",
    "absent": "absent",
}

Fault = TypeVar("Fault", list[str], dict[str, object])


class Unmet(Exception):  # noqa: N818 - it says what happened
    """An expectation of the scenario was not met; the message says which and what was there."""


class Player:
    """Plays one scenario once. ``play`` raises Unmet at the first unmet expectation."""

    def __init__(self, hall: SimulatedHall, scenario: Scenario, seed: int) -> None:
        self.hall = hall
        self.scenario = scenario
        self.votes: list[str] = []
        self.windows: list[Window] = []
        self.expected_refusals: list[tuple[list[str], steps.ExpectRefusedEvents]] = []
        self.idle: dict[str, float] = {}
        self._random = random.Random(seed)
        self._groups = self._divide()
        self._background: list[asyncio.Task[None]] = []
        self._vote_began = 0.0

    async def play(self) -> None:
        """All steps in order."""
        try:
            for index, step in enumerate(self.scenario.step):
                await asyncio.sleep(step.pause_s)
                if step.meanwhile:
                    self._keep(self._take_step(index, step))
                else:
                    await self._take_step(index, step)
        finally:
            await asyncio.gather(*self._background)

    async def _take_step(self, index: int, step: steps.Step) -> None:
        try:
            await self._act(step)
        except (Unmet, HallSilent, ControllerFailed) as error:
            raise Unmet(f"step[{index}] ({steps.verb_of(step)}): {error}") from error

    def end_of_windows(self) -> None:
        """Everything that was seen until now belongs to the newest vote."""
        if self.votes:
            self.windows.append(Window(self.votes[-1], self._vote_began, time.monotonic()))

    # --- who

    def _divide(self) -> dict[str, list[str]]:
        """Terminals by group: the deputies who like to sit there."""
        terminals = list(self.hall.places)
        self._random.shuffle(terminals)
        groups, begin = {EVERYBODY: list(self.hall.places)}, 0
        for name, size in self.scenario.sizes(len(terminals)).items():
            groups[name] = terminals[begin : begin + size]
            begin += size
        return groups

    def _terminals(self, names: Iterable[str]) -> list[str]:
        wanted = [terminal for name in names for terminal in self._groups[name]]
        return list(dict.fromkeys(wanted))

    def _deputies(self, names: Iterable[str]) -> set[str]:
        return {self.hall.places[terminal].deputy.id for terminal in self._terminals(names)}

    # --- doing

    async def _act(self, step: steps.Step) -> None:
        match step:
            case steps.Arrive():
                await self._spread(step.who, step.within_s, self._arrive)
            case steps.Leave():
                await self._spread(step.who, step.within_s, self._leave)
            case steps.Press():
                await self._spread(step.who, step.within_s, lambda t: self._press(t, step.answer))
            case steps.PressAroundClose():
                await self._press_around_close(step)
            case steps.AskFloor():
                await self._spread(step.who, step.within_s, lambda t: self.hall.tap(t, "floor"))
            case steps.Order():
                await self._order(step)
            case steps.ExpectLamps():
                await self._expect_lamps(step)
            case steps.ExpectInvited():
                await self._expect_invited(step)
            case steps.ExpectBoard():
                await self._expect_board(step)
            case steps.ExpectResult():
                await self._expect_result(step)
            case steps.ExpectRefusedEvents():
                self.expected_refusals.append((self._terminals(step.who), step))
            case _:
                await self._misfortune(step)

    async def _misfortune(self, step: steps.Step) -> None:
        match step:
            case steps.CutPower():
                await asyncio.gather(
                    *(self.hall.seats[t].power_cut() for t in self._terminals(step.who))
                )
            case steps.RestorePower():
                for terminal in self._terminals(step.who):
                    await self.hall.seats[terminal].power_on()
            case steps.FreezeSeats():
                for terminal in self._terminals(step.who):
                    self.hall.freeze(terminal)
                self._later(step.for_s, lambda: self._thaw(step.who))
            case steps.KillController():
                await self.hall.controller.kill()
            case steps.StartController():
                await self.hall.controller.start(step.timeout_s)
            case steps.KillBroker():
                if not signal_process(self.hall.controller.broker_pid, signal.SIGKILL):
                    raise Unmet("there is no broker to kill")
            case steps.FreezeBroker():
                pid = self.hall.controller.broker_pid
                if not signal_process(pid, signal.SIGSTOP):
                    raise Unmet("there is no broker to freeze")
                self._later(step.for_s, lambda: signal_process(pid, signal.SIGCONT))
            case steps.MeasureIdle():
                await self._measure_idle(step.for_s)

    async def _spread(
        self, who: tuple[str, ...], within_s: float, act: Callable[[str], Awaitable[None]]
    ) -> None:
        """Each of ``who`` acts once, in random order, evenly over the time."""
        terminals = self._terminals(who)
        self._random.shuffle(terminals)

        async def act_at(after_s: float, terminal: str) -> None:
            await asyncio.sleep(after_s)
            await act(terminal)

        gap_s = within_s / len(terminals)
        await asyncio.gather(*(act_at(gap_s * at, one) for at, one in enumerate(terminals)))

    async def _arrive(self, terminal: str) -> None:
        self.hall.insert_badge(terminal)

    async def _leave(self, terminal: str) -> None:
        self.hall.remove_badge(terminal)

    async def _press(self, terminal: str, answer: str | None) -> None:
        await self.hall.tap(terminal, answer or self._random.choice(ANSWERS))

    async def _press_around_close(self, step: steps.PressAroundClose) -> None:
        board = await self.hall.board()
        vote = board["vote"]
        if vote is None or vote["state"] != "open":
            raise Unmet("no vote is open")
        await asyncio.sleep(max(0.0, vote["remaining_ms"] / 1000 - step.before_s))
        spread_s = step.before_s + step.after_s
        await self._spread(step.who, spread_s, lambda t: self._press(t, step.answer))

    def _thaw(self, who: tuple[str, ...]) -> None:
        for terminal in self._terminals(who):
            self.hall.thaw(terminal)

    def _later(self, after_s: float, act: Callable[[], object]) -> None:
        async def wait_and_act() -> None:
            await asyncio.sleep(after_s)
            act()

        self._keep(wait_and_act())

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        """Let it run beside the steps; ``play`` waits for it at its end."""
        self._background.append(asyncio.create_task(work))

    async def _measure_idle(self, for_s: float) -> None:
        hall = self.hall
        seats = [seat.pid for seat in hall.seats.values()]
        controller, broker = [hall.controller.pid], [hall.controller.broker_pid]
        begin = time.monotonic()
        before = [cpu_seconds(pids) for pids in (seats, controller, broker)]
        await asyncio.sleep(for_s)
        passed = time.monotonic() - begin
        names = ("seats", "controller", "broker")
        for name, pids, used in zip(names, (seats, controller, broker), before, strict=True):
            percent = 100 * (cpu_seconds(pids) - used) / passed
            self.idle[f"{name}_percent_of_a_core"] = round(percent, 2)
            self.idle[f"{name}_resident_bytes"] = resident_bytes(pids)

    # --- the chair

    async def _order(self, step: steps.Order) -> None:
        fields: dict[str, Any] = {}
        if step.item is not None:
            fields["item"] = step.item
        if step.duration_s is not None:
            fields["duration_ms"] = round(1000 * step.duration_s)
        if step.by_s is not None:
            fields["by_ms"] = round(1000 * step.by_s)
        if step.name in ("extend_vote", "close_vote", "proclaim_result"):
            fields["vote"] = self._newest_vote()
        orders = [fields]
        if step.name == "revoke_terminal":
            orders = [{"terminal": terminal} for terminal in self._terminals(step.who)]
        for one in orders:
            begin = time.monotonic()
            refused = await self.hall.chair.order(step.name, one)
            if refused != (step.refused or ""):
                told = f"refused {refused}" if refused else "accepted"
                raise Unmet(f"{step.name} was {told}, expected {step.refused or 'accepted'}")
            if step.name == "open_vote" and not refused:
                await self._vote_opened(begin)

    async def _vote_opened(self, began: float) -> None:
        board = await self.hall.board()
        if self.votes:
            self.windows.append(Window(self.votes[-1], self._vote_began, began))
        self.votes.append(board["vote"]["id"])
        self._vote_began = began

    def _newest_vote(self) -> str:
        if not self.votes:
            raise Unmet("no vote was opened yet")
        return self.votes[-1]

    # --- expectations

    async def _expect_lamps(self, step: steps.ExpectLamps) -> None:
        def wrong() -> list[str]:
            now = time.monotonic()
            return [t for t in self._terminals(step.who) if not self._lamps_fit(t, step, now)]

        await _until(step.timeout_s, wrong, lambda late: f"not so at {', '.join(late)}")

    async def _expect_invited(self, step: steps.ExpectInvited) -> None:
        def wrong() -> list[str]:
            return [
                terminal
                for terminal in self._terminals(step.who)
                if self.hall.seats[terminal].lamps["status"].state != "blinking"
            ]

        await _until(step.timeout_s, wrong, lambda late: f"not so at {', '.join(late)}")

    def _lamps_fit(self, terminal: str, step: steps.ExpectLamps, now: float) -> bool:
        seat = self.hall.seats[terminal]
        lit = [name for name in ANSWERS if seat.lamps[name].state != "off"]
        if step.dark:
            return not lit
        answer = step.answer or self.hall.witness.last_answer(terminal)
        since = seat.lamp_recorder(answer).steady_since(now) if answer else None
        return lit == [answer] and since is not None and now - since >= STEADY_S

    async def _expect_board(self, step: steps.ExpectBoard) -> None:
        wanted: dict[str, object] = {}
        for key in ("present", "registered", "no_connection", "voted"):
            names = getattr(step, key)
            if names is not None:
                wanted[key] = len(self._deputies(names))
        if step.phase is not None:
            wanted["phase"] = step.phase
        if step.quorum is not None:
            wanted["quorum"] = step.quorum

        async def wrong() -> dict[str, object]:
            try:
                board = await self.hall.board()
            except HallSilent as silence:
                return {"board": str(silence)}
            shown = {
                **{key: board["quorum"][key] for key in ("present", "registered", "no_connection")},
                "phase": board["sitting"]["phase"],
                "quorum": board["quorum"]["reached"],
                "voted": board["vote"]["voted"] if board["vote"] else None,
            }
            return {key: shown[key] for key, value in wanted.items() if shown[key] != value}

        await _until_async(step.timeout_s, wrong, lambda is_so: f"{is_so}, expected {wanted}")

    async def _expect_result(self, step: steps.ExpectResult) -> None:
        vote = self._newest_vote()
        wanted = {
            deputy: value
            for value, column in _COLUMNS.items()
            for deputy in self._deputies(getattr(step, column))
        }

        async def wrong() -> list[str]:
            record = (await self.hall.chair.get_json(f"/api/votes/{vote}"))["vote"]
            if record["result"] is None:
                return [f"{vote} is open"]
            result = record["result"]
            values = {one["deputy"]: one["value"] for one in result["by_deputy"]}
            faults = [
                f"{deputy} is {values.get(deputy)} and should be {wanted.get(deputy)}"
                for deputy in sorted(values.keys() | wanted.keys())
                if values.get(deputy) != wanted.get(deputy)
            ]
            if step.adopted is not None and result["adopted"] is not step.adopted:
                faults.append(f"adopted is {result['adopted']}")
            return faults

        await _until_async(step.timeout_s, wrong, "; ".join)


async def _until(
    timeout_s: float, wrong: Callable[[], list[str]], describe: Callable[[list[str]], str]
) -> None:
    async def wrong_now() -> list[str]:
        return wrong()

    await _until_async(timeout_s, wrong_now, describe)


async def _until_async(
    timeout_s: float, wrong: Callable[[], Awaitable[Fault]], describe: Callable[[Fault], str]
) -> None:
    """Poll until nothing is wrong; raises Unmet with the last fault."""
    end = time.monotonic() + timeout_s
    while fault := await wrong():
        if time.monotonic() > end:
            raise Unmet(f"after {timeout_s:g} s: {describe(fault)}")
        await asyncio.sleep(_POLL_S)
