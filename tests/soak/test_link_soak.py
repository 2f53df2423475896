"""The short version of the soak test: a real interpreter, real brokers, real faults.

A step that is too long is judged without the time for which the kernel let the process stand in its
run queue. What a virtual machine steals is in no statistic, so a scenario whose only fault is one
long step is run a second time: a link that blocks would block again.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.soak.brokers import program
from tests.soak.scenarios import (
    SHORT,
    STEP_FAULT,
    Measured,
    Stage,
    frozen_and_killed,
    half_open_and_cut,
    refused,
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    if program("micropython") is None:
        pytest.skip("micropython is not installed")
    return Stage(tmp_path_factory.mktemp("soak"))


def judge(run: Callable[[], Measured]) -> Measured:
    measured = run()
    if measured.faults and all(fault.startswith(STEP_FAULT) for fault in measured.faults):
        measured = run()
    assert measured.faults == [], measured.as_dict()
    return measured


def need(kind: str) -> str:
    if program({"nats": "nats-server", "mosquitto": "mosquitto"}[kind]) is None:
        pytest.skip(f"{kind} is not installed")
    return kind


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_a_flooding_then_frozen_then_killed_broker_blocks_nothing_and_loses_nothing(
    stage: Stage, kind: str
) -> None:
    measured = judge(lambda: frozen_and_killed(stage, need(kind), SHORT))
    assert measured.connections == 3


def test_a_half_open_connection_is_noticed_and_many_cuts_lose_nothing(stage: Stage) -> None:
    measured = judge(lambda: half_open_and_cut(stage, need("nats"), SHORT))
    assert measured.connections >= SHORT.reconnects + 2


@pytest.mark.parametrize(
    ("badness", "kind"),
    [("wrong_authority", "nats"), ("wrong_name", "mosquitto"), ("expired", "nats")],
)
def test_a_broker_that_cannot_prove_itself_gets_nothing_and_the_next_good_one_gets_all(
    stage: Stage, badness: str, kind: str
) -> None:
    measured = judge(lambda: refused(stage, need(kind), badness, SHORT))
    assert measured.connections == 1
