"""The writer at the edges: a stall, a revocation under way, a kill between commits, a reboot."""

from __future__ import annotations

import asyncio

import pytest

from controller import hall as hall_module
from controller.core import commands as c
from controller.core import facts as f
from controller.web.port import Accepted
from protocol import messages
from tests.controller.world import World, play, press


def beat(world: World, number: int, **other: int) -> None:
    seat = world.seats[number - 1]
    world.hall.message_came(seat.alive, seat.heartbeat(**other), world.clock.at_ms)


def test_what_a_seat_sends_behind_its_revocation_is_refused_and_the_hall_goes_on() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        order = asyncio.create_task(world.chair("o9", c.RevokeTerminal("s3")))
        press(world, 3, messages.FOR)  # in one group with the order
        await world.settle()
        assert isinstance(await order, Accepted)
        assert world.kinds()[-1] == "terminal_revoked"
        assert world.hall.health()["refused"] == {"revoked_terminal": 1}
        press(world, 1, messages.FOR)
        await world.settle()
        assert world.view(1).receipt is not None

    play(scene)


def test_every_press_that_waited_at_the_deadline_counts_however_many_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hall_module, "BATCH_MAX", 2)

    async def scene(world: World) -> None:
        await world.open_vote()
        for number in (1, 2, 3):
            beat(world, number)
        for number in (1, 2, 3):
            press(world, number, messages.FOR)
        # the writer was held up, by a slow disk say
        world.clock.at_ms = world.sitting.last_vote.deadline_ms
        await world.settle()
        assert world.sitting.last_vote.closed.tally.votes_for == 3
        assert "seat_lost" not in world.kinds()

    play(scene)


def test_a_kill_between_a_close_and_its_checkpoint_leaves_no_vote_unsigned() -> None:
    class Killed(BaseException):
        pass

    def killed() -> str:
        raise Killed

    world = World()

    async def before(world: World) -> None:
        await world.open_vote()
        world.ledger.sign_checkpoint = killed  # type: ignore[method-assign]
        order = asyncio.create_task(world.chair("o9", c.CloseVote("v1")))
        await world.settle()
        await order

    with pytest.raises(Killed):
        play(before, world)
    del world.ledger.sign_checkpoint
    assert world.kinds()[-1] == "vote_closed"
    assert world.ledger.checkpoints() == []

    async def after(world: World) -> None:
        assert world.hall.board()["checkpoint"]["size"] >= world.kinds().index("vote_closed") + 1
        assert len(world.ledger.checkpoints()) == 1

    play(after, world)
    play(after, world)  # nothing is unsigned any more


def test_a_rebooted_seat_speaks_for_its_deputy_only_after_its_hello() -> None:
    async def scene(world: World) -> None:
        await world.sit_down()
        world.clock.at_ms += 2_000
        await world.chair("wake", c.OpenRegistration())
        seat = world.seats[0]
        seat.reboot(seat.head)
        beat(world, 1)
        await world.settle()
        assert world.hall.board()["quorum"]["present"] == 0
        world.send(1, messages.Hello("1", "test", 0))
        await world.settle()
        beat(world, 1)
        await world.settle()
        assert world.hall.health()["seats_online"] == 1
        # the badge was not seen again
        assert world.hall.board()["quorum"]["present"] == 0

    play(scene)


def test_a_seat_that_was_away_is_told_the_time_that_is_left_now() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        left_ms = world.view(1).ballot.remaining_ms
        world.clock.at_ms += 5_000
        await world.chair("wake", c.AnnounceItem("i2"))
        beat(world, 1, view_revision=world.view(1).revision)
        await world.settle()
        assert world.view(1).ballot.remaining_ms == left_ms - 5_000

    play(scene)


def test_after_a_broker_restart_every_seat_is_told_the_time_when_it_is_heard_again() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        left_ms = world.view(1).ballot.remaining_ms
        world.clock.at_ms += 1_000
        world.hall.broker_connected()
        await world.settle()
        world.clock.at_ms += 800  # the seat found the broker later and read the stored view
        shown = world.view(1)
        beat(world, 1, view_revision=shown.revision)
        await world.settle()
        assert world.view(1).ballot.remaining_ms == left_ms - 1_800
        told = len(world.shown)
        beat(world, 1, view_revision=world.view(1).revision)
        await world.settle()
        assert len(world.shown) == told

    play(scene)


def test_a_revoked_seat_stays_revoked_in_a_controller_killed_before_it_told_the_register() -> None:
    async def before(world: World) -> None:
        await world.sit_down()
        assert isinstance(await world.chair("o1", c.RevokeTerminal("s3")), Accepted)

    world = play(before)

    async def after(world: World) -> None:
        # the signer's keys still say that it is not revoked, as a register that was not written
        world.send(3, messages.FloorRequest())
        await world.settle()
        assert world.hall.health()["refused"] == {"revoked_terminal": 1}
        assert isinstance(world.sitting.plan, f.SittingPrepared)

    play(after, world)
