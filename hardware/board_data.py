"""Reads the board descriptions of this folder; promises one typed value for each file.

A board file that does not have the expected shape is refused with the name of the missing or
foreign key, so that a typing mistake never becomes a pin number in the firmware.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BOARDS_DIR = Path(__file__).parent / "boards"
BUTTONS = ("for", "against", "abstain", "floor")
LAMPS = ("for", "against", "abstain", "floor", "status")
SECTIONS = {
    "board": {"name", "title", "module"},
    "reserved": None,  # any names: the module decides what it keeps for itself
    "buttons": set(BUTTONS),
    "lamps": set(LAMPS),
    "badge_reader": {"kind", "uart", "tx", "rx", "baud"},
    "display": {"kind", "i2c", "sda", "scl", "frequency_hz", "address", "width", "height"},
    "buzzer": {"pin"},
    "timing": {"wait_slice_ms", "watchdog_ms"},
}


class BoardError(ValueError):
    """A board file is not what it should be; the message names the file and the key."""


@dataclass(frozen=True)
class Board:
    """One board as its file describes it: every section as a plain dictionary."""

    source: str
    sections: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        return str(self.sections["board"]["name"])

    def __getitem__(self, section: str) -> dict[str, Any]:
        return self.sections[section]

    def pins_in_use(self) -> list[tuple[str, int]]:
        """Every (use, pin) of the board in the order of the file, the module's own pins last."""
        pins = [(f"button {name}", int(self["buttons"][name])) for name in BUTTONS]
        pins += [(f"lamp {name}", int(self["lamps"][name])) for name in LAMPS]
        pins += [(f"badge reader {line}", int(self["badge_reader"][line])) for line in ("tx", "rx")]
        pins += [(f"display {line}", int(self["display"][line])) for line in ("sda", "scl")]
        pins.append(("buzzer", int(self["buzzer"]["pin"])))
        for owner, reserved in self["reserved"].items():
            pins += [(f"reserved for {owner}", int(pin)) for pin in reserved]
        return pins


def parse(text: str, source: str) -> Board:
    """The board that `text` (TOML) describes; BoardError when its shape is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{source}: {error}") from error
    if set(data) != set(SECTIONS):
        raise BoardError(f"{source}: sections differ by {sorted(set(data) ^ set(SECTIONS))}")
    for section, keys in SECTIONS.items():
        if keys is not None and set(data[section]) != keys:
            differing = sorted(set(data[section]) ^ keys)
            raise BoardError(f"{source}: [{section}] differs by {differing}")
    return Board(source, data)


def load_all(folder: Path = BOARDS_DIR) -> list[Board]:
    """All boards of `folder`, by file name."""
    return [parse(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.toml"))]
