"""Scenarios: what people, the chair and misfortune do to a hall, as a TOML file.

Promises: a file either becomes a ``Scenario`` in which every name is known, or ``ScenarioError``
says which file, which step and which key is wrong. The format is described in README.md.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from simulator import steps

SEATS_MAX = 500
STEPS_MAX = 500
FOLDER = Path(__file__).parent / "scenarios"
EVERYBODY = "all"


class ScenarioError(ValueError):
    """The scenario cannot be played; the message names file and key."""


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some of the deputies. One group may take the ``rest``; the others say how many they are."""

    name: str
    count: int = 0
    percent: int = 0
    rest: bool = False


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checked scenario. ``seats`` is the hall's size unless the command line says another."""

    title: str
    seats: int
    group: tuple[Group, ...]
    step: tuple[steps.Step, ...]
    version: Literal[1]

    def sizes(self, seats: int) -> dict[str, int]:
        """How many deputies each group has in a hall of ``seats``; raises ScenarioError."""
        sizes: dict[str, int] = {}
        for group in self.group:
            if not group.rest:
                sizes[group.name] = group.count or max(1, round(seats * group.percent / 100))
        left = seats - sum(sizes.values())
        resting = [group.name for group in self.group if group.rest]
        if left < 0 or (left > 0 and not resting):
            raise ScenarioError(f"group: {sum(sizes.values())} deputies in a hall of {seats} seats")
        if left == 0 and resting:
            raise ScenarioError(
                f"group: nobody is left for {resting[0]!r} in a hall of {seats} seats"
            )
        for name in resting:
            sizes[name] = left
        return {group.name: sizes[group.name] for group in self.group}


def find(name: str) -> Path:
    """A scenario by its name or by the path of its file; raises ScenarioError."""
    for file in (FOLDER / f"{name}.toml", FOLDER / name, Path(name)):
        if file.is_file():
            return file
    known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
    raise ScenarioError(f"no scenario {name!r}; there are: {known}")


def load(file: Path) -> Scenario:
    """Read and check a scenario; raises ScenarioError."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        scenario = msgspec.convert(raw, Scenario)
        _check(scenario)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{file}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{file}: {error}") from error
    except ScenarioError as error:
        raise ScenarioError(f"{file}: {error}") from None
    return scenario


def _check(scenario: Scenario) -> None:
    if not 1 <= scenario.seats <= SEATS_MAX:
        raise ScenarioError(f"seats: {scenario.seats} is not within 1 to {SEATS_MAX}")
    if not 1 <= len(scenario.step) <= STEPS_MAX:
        raise ScenarioError(f"step: {len(scenario.step)} steps, 1 to {STEPS_MAX} can be played")
    _check_groups(scenario.group)
    scenario.sizes(scenario.seats)
    known = {group.name for group in scenario.group} | {EVERYBODY}
    for index, step in enumerate(scenario.step):
        at = f"step[{index}] ({steps.verb_of(step)})"
        for key, names in steps.groups_of(step).items():
            for name in names:
                if name not in known:
                    raise ScenarioError(f"{at}.{key}: no group is called {name!r}")
        for key, fault in steps.faults_of(step):
            raise ScenarioError(f"{at}.{key}: {fault}")


def _check_groups(groups: tuple[Group, ...]) -> None:
    seen: set[str] = set()
    for index, group in enumerate(groups):
        at = f"group[{index}]"
        if not group.name or group.name == EVERYBODY or group.name in seen:
            raise ScenarioError(f"{at}.name: {group.name!r} is empty, taken or reserved")
        seen.add(group.name)
        if (group.count > 0) + (group.percent > 0) + group.rest != 1:
            raise ScenarioError(f"{at}: exactly one of count, percent and rest is needed")
        if group.count < 0 or not 0 <= group.percent <= 100:
            raise ScenarioError(f"{at}: count and percent are positive, percent at most 100")
    if sum(group.rest for group in groups) > 1:
        raise ScenarioError("group: only one group can take the rest")
