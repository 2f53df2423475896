"""The writer: what it commits before it tells, and what it does when it cannot."""

from __future__ import annotations

import asyncio

import pytest

from controller import hall as hall_module
from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import RefusalReason, Refused
from controller.ledger.codec import fact_of
from controller.ledger.port import LedgerFailed
from controller.web.port import Accepted
from protocol import messages
from tests.controller.world import SEATS, World, play, press


def test_a_press_is_in_the_ledger_with_its_signed_bytes_before_the_seat_sees_a_receipt() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        data = press(world, 2, messages.FOR)
        await world.settle()
        terminal, view, ledger_size = world.shown[-1]
        assert terminal == "s2"
        assert view.receipt == messages.Receipt(messages.FOR, view.receipt.ledger_position)
        assert view.receipt.ledger_position < ledger_size
        entry = list(world.ledger.entries(view.receipt.ledger_position))[0]
        assert entry.evidence == data
        assert entry.fact_kind == "ballot_cast"

    play(scene)


def test_the_same_press_sent_again_and_again_is_one_row_and_the_same_receipt() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        data = press(world, 1, messages.AGAINST)
        await world.settle()
        rows, receipt = world.ledger.size, world.view(1).receipt
        for _ in range(30):
            answers = len(world.shown)
            world.clock.at_ms += 50  # slower than the flood limit
            world.hall.message_came(world.seats[0].up, data, world.clock.at_ms)
            await world.settle()
            assert len(world.shown) == answers + 1
            assert world.view(1).receipt == receipt
        assert world.ledger.size == rows

    play(scene)


def test_an_order_is_answered_when_it_is_durable_and_its_repeat_changes_nothing() -> None:
    async def scene(world: World) -> None:
        first = await world.chair("o1", c.OpenRegistration())
        assert isinstance(first, Accepted)
        assert world.kinds()[first.position] == "command_accepted"
        size = world.ledger.size
        again = await world.chair("o1", c.OpenRegistration())
        assert again == Accepted(first.position, repeated=True)
        other = await world.chair("o1", c.CloseRegistration())
        assert isinstance(other, Refused) and other.reason == RefusalReason.COMMAND_ID_REUSED
        assert world.ledger.size == size

    play(scene)


def test_a_ballot_is_tied_to_the_ledger_as_it_was_on_disk_before_the_order() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        opened = next(
            fact for fact in map(fact_of, world.ledger.entries()) if isinstance(fact, f.VoteOpened)
        )
        assert opened.checkpoint_root == world.ledger.root_at(opened.checkpoint_size)
        assert world.kinds()[opened.checkpoint_size] == "command_accepted"

    play(scene)


def test_an_order_in_one_group_with_a_seats_event_still_names_a_root_that_was_on_disk() -> None:
    async def scene(world: World) -> None:
        await world.sit_down()
        for name, command in (
            ("o1", c.OpenRegistration()),
            ("o2", c.CloseRegistration()),
            ("o3", c.AnnounceItem("i1")),
        ):
            await world.chair(name, command)
        world.send(1, messages.FloorRequest())
        asked = asyncio.create_task(world.chair("o4", c.OpenVote("i1")))
        await world.settle()
        assert isinstance(await asked, Accepted)
        opened = next(
            fact for fact in map(fact_of, world.ledger.entries()) if isinstance(fact, f.VoteOpened)
        )
        assert world.kinds()[opened.checkpoint_size - 1] == "floor_requested"
        assert opened.checkpoint_root == world.ledger.root_at(opened.checkpoint_size)

    play(scene)


def test_the_timer_closes_the_vote_after_what_already_waited_and_a_checkpoint_is_signed() -> None:
    async def scene(world: World) -> None:
        await world.open_vote()
        deadline_ms = world.sitting.last_vote.deadline_ms
        press(world, 1, messages.FOR)
        world.clock.at_ms = deadline_ms
        await world.settle()
        assert world.view(1).receipt is not None
        closed = world.sitting.last_vote.closed
        assert closed is not None and closed.cause == "timer"
        assert closed.tally.votes_for == 1
        shown = world.hall.board()["checkpoint"]
        assert shown["size"] == world.ledger.size
        assert shown["root"] == world.ledger.root().hex()
        late = press(world, 2, messages.FOR)
        await world.settle()
        assert world.kinds()[-2:] == ["seat_restored", "event_refused"]
        assert list(world.ledger.entries())[-1].evidence == late
        assert world.hall.health()["refused"] == {"vote_closed": 1}

    play(scene)


def test_when_the_ledger_fails_nothing_of_that_group_is_told_to_anybody() -> None:
    async def scene(world: World) -> None:
        await world.sit_down()
        world.ledger._entries_max = world.ledger.size
        told = len(world.shown)
        answer = asyncio.create_task(world.chair("o1", c.OpenRegistration()))
        await world.settle()
        assert len(world.shown) == told
        refused = await answer
        assert isinstance(refused, Refused) and refused.reason == RefusalReason.HALL_STOPPING
        after = await world.chair("o2", c.OpenRegistration())
        assert isinstance(after, Refused) and after.reason == RefusalReason.HALL_STOPPING

    with pytest.raises(LedgerFailed):
        play(scene)


def test_a_full_queue_refuses_an_order_by_name_and_drops_a_seats_message_counted() -> None:
    async def scene(world: World) -> None:
        kept = hall_module.QUEUE_MAX
        hall_module.QUEUE_MAX = 0
        try:
            refused = await world.chair("o1", c.OpenRegistration())
            assert isinstance(refused, Refused) and refused.reason == RefusalReason.HALL_BUSY
            world.send(1, messages.Hello("1", "test", 0))
            await world.settle()
            assert world.hall.health()["refused"]["queue_full"] == 2
        finally:
            hall_module.QUEUE_MAX = kept

    play(scene)


def test_a_controller_killed_in_an_open_vote_goes_on_with_votes_chains_and_timer() -> None:
    async def before(world: World) -> None:
        await world.open_vote()
        press(world, 1, messages.FOR)
        await world.settle()
        world.clock.at_ms += 15_000

    world = play(before)

    async def after(world: World) -> None:
        assert world.sitting.phase == "voting"
        assert world.hall.board()["vote"]["voted"] == 1
        # five seconds were left; everybody gets ten to come back
        assert world.sitting.last_vote.deadline_ms == world.clock.at_ms + 10_000
        world.hall.broker_connected()
        await world.settle()
        assert world.view(1).receipt is not None
        press(world, 2, messages.AGAINST)
        press(world, 1, messages.ABSTAIN)
        await world.settle()
        assert world.hall.board()["vote"]["voted"] == 2
        await world.chair("o9", c.CloseVote("v1"))
        tally = world.sitting.last_vote.closed.tally
        assert (tally.votes_for, tally.votes_against, tally.votes_abstain) == (0, 1, 1)

    play(after, world)


def test_a_silent_seat_is_lost_and_its_next_heartbeat_brings_the_deputy_back() -> None:
    async def scene(world: World) -> None:
        await world.sit_down()
        world.clock.at_ms += 2_000
        await world.chair("wake", c.OpenRegistration())
        await world.settle()
        assert world.hall.board()["quorum"]["no_connection"] == SEATS
        assert world.hall.health()["seats_online"] == 0
        seat = world.seats[0]
        world.hall.message_came(seat.alive, seat.heartbeat(), world.clock.at_ms)
        await world.settle()
        assert world.hall.board()["quorum"]["present"] == 1
        assert world.hall.health()["seats_online"] == 1

    play(scene)


def test_a_revoked_terminal_is_cut_at_the_broker_after_the_fact_is_written() -> None:
    async def scene(world: World) -> None:
        await world.sit_down()
        await world.chair("o1", c.RevokeTerminal("s3"))
        await asyncio.sleep(0.05)
        assert world.revoked == ["s3"]
        assert "terminal_revoked" in world.kinds()
        world.send(3, messages.FloorRequest())
        await world.settle()
        assert world.hall.health()["refused"] == {"revoked_terminal": 1}

    play(scene)


def test_the_feed_says_something_for_every_change_and_ends_with_the_hall() -> None:
    async def scene(world: World) -> None:
        seen: list[str] = []

        async def watch() -> None:
            async for kind, _ in world.hall.feed():
                seen.append(kind)

        watcher = asyncio.create_task(watch())
        await world.settle()
        await world.chair("o1", c.OpenRegistration())
        await world.settle()
        assert seen == ["sitting"]
        world.hall.stop()
        await asyncio.wait_for(watcher, 1)

    play(scene)


def test_health_says_when_no_seat_can_be_heard() -> None:
    async def scene(world: World) -> None:
        assert world.hall.health()["status"] == "ok"
        world.broker_there = False
        assert world.hall.health()["status"] == "no_broker"
        world.hall.stop()
        assert world.hall.health()["status"] == "stopping"

    play(scene)
