"""The broker's configuration: who may speak, and that no name or folder can break out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.seats.broker_config import render_config
from controller.seats.provisioning import Register, Terminal


def register(*terminals: Terminal) -> Register:
    return Register("demo", "127.0.0.1", 8883, terminals)


def render(*terminals: Terminal) -> str:
    return render_config(register(*terminals), Path("/d/keys"), Path("/d/s"), "127.0.0.1", 8883)


def test_a_terminal_writes_its_two_topics_and_reads_one() -> None:
    (line,) = [one for one in render(Terminal("s01", "", "", "")).splitlines() if "CN=s01" in one]
    assert line.count("hall.") == 3
    assert 'publish: {allow: ["hall.demo.seat.s01.up", "hall.demo.seat.s01.alive"]}' in line
    assert 'subscribe: {allow: ["hall.demo.seat.s01.down"]}' in line
    assert 'allowed_connection_types: ["MQTT"]' in line


def test_a_revoked_terminal_is_nobody() -> None:
    assert "s01" not in render(Terminal("s01", "", "", "", revoked=True))


def test_every_user_is_bound_to_mqtt() -> None:
    text = render(Terminal("s01", "", "", ""), Terminal("s02", "", "", ""))
    assert text.count("{user:") == text.count('allowed_connection_types: ["MQTT"]') == 3


@pytest.mark.parametrize("folder", ['/a"b', "/a\\b", "/a\nport: 1"])
def test_a_folder_whose_name_would_end_the_string_is_refused(folder: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        render_config(register(), Path(folder), Path("/s"), "127.0.0.1", 8883)
