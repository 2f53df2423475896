"""The options of one controller process, from its command line; nothing else sets them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from controller import __version__

MQTT_PORT = 8883
WEB_PORT = 8080


class Settings(msgspec.Struct, frozen=True):
    """``data`` is the one folder in which everything is kept. Servers listen on ``host``."""

    data: Path
    host: str
    port: int
    mqtt_port: int
    virtual_hall: str | None


class EnrolOptions(msgspec.Struct, frozen=True):
    """One terminal to enrol while no sitting runs; its files are written into ``into``."""

    data: Path
    terminal: str
    public_key: bytes
    into: Path


def parse(arguments: Sequence[str]) -> Settings | EnrolOptions:
    """The command line as options. Ends the program with a clear line where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m controller",
        description="The service that runs a sitting. Without an action it starts.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that keeps everything")
    parser.add_argument("--host", default="127.0.0.1", help="address of pages and broker")
    parser.add_argument("--port", type=_port, default=WEB_PORT, help="port of the pages")
    parser.add_argument("--mqtt-port", type=_port, default=MQTT_PORT, help="port for the seats")
    parser.add_argument("--virtual-hall", help="address of the virtual hall's page, to link to")
    actions = parser.add_subparsers(dest="action", title="actions")
    enrol = actions.add_parser("enrol", help="give a terminal its certificate and keys")
    enrol.add_argument("--terminal", required=True)
    enrol.add_argument("--public-key", type=_public_key, required=True, help="64 hex digits")
    enrol.add_argument("--into", type=Path, required=True, help="folder for the terminal's files")
    given = parser.parse_args(arguments)
    if given.action == "enrol":
        return EnrolOptions(given.data, given.terminal, given.public_key, given.into)
    return Settings(given.data, given.host, given.port, given.mqtt_port, given.virtual_hall)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _public_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise argparse.ArgumentTypeError("a public key is 64 hexadecimal digits")
    return key
