"""A wrong command ends with status 2 and a reason, before anything is started or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.command_line import HallOptions, RunCommand, parse


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "main.py").touch()
    return tmp_path / "image"


def test_a_hall_gets_three_ports_and_a_folder(image: Path, tmp_path: Path) -> None:
    options = parse(
        ["hall", "--seats", "7", "--port", "9000", "--data", "d", "--image", str(image)]
    )
    assert options == HallOptions(7, 9000, Path("d"), image, browser=True)


def test_a_scenario_takes_its_own_number_of_seats_unless_told_another(image: Path) -> None:
    command = parse(["run", "late_press", "--image", str(image), "--seed", "4"])
    assert isinstance(command, RunCommand)
    assert (command.options.seats, command.options.seed, command.report) == (12, 4, None)
    command = parse(["run", "late_press", "--image", str(image), "--seats", "20"])
    assert isinstance(command, RunCommand)
    assert command.options.seats == 20


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "action"),
        (["run"], "scenario"),
        (["run", "no_such_story"], "no scenario 'no_such_story'"),
        (["run", "late_press", "--seats", "0"], "1 to 500 seats"),
        (["run", "late_press", "--seats", "501"], "1 to 500 seats"),
        (["run", "late_press", "--seats", "1"], "group"),
        (["hall", "--port", "80", "--data", "d"], "port"),
        (["hall", "--port", "65535", "--data", "d"], "port"),
        (["hall"], "--data"),
    ],
)
def test_a_wrong_command_says_why(
    image: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    if arguments:
        arguments = [*arguments, "--image", str(image)]
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_scenario_never_begins_in_a_folder_that_holds_something(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "late_press", "--data", str(tmp_path), "--image", str(image)])
    assert "is not empty" in capsys.readouterr().err


def test_a_missing_image_names_the_command_that_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "late_press", "--image", str(tmp_path / "none")])
    assert "make image" in capsys.readouterr().err
