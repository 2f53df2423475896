"""Verify or export the ledger of a sitting whose controller does not run.

python -m controller.ledger verify DATA/ledger.sqlite
python -m controller.ledger export DATA/ledger.sqlite SITTING.dobush
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from controller.ledger.codec import fact_of
from controller.ledger.export import export
from controller.ledger.port import LedgerError
from controller.ledger.sqlite import SqliteLedger


def main(arguments: list[str] | None = None) -> int:
    """0: proven or written; 1: refused, with the reason and the position on standard error."""
    parser = argparse.ArgumentParser(prog="python -m controller.ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("verify", "export"):
        command = commands.add_parser(name)
        command.add_argument("ledger", type=Path)
        if name == "export":
            command.add_argument("into", type=Path)
    options = parser.parse_args(arguments)
    try:
        with SqliteLedger.open_for_reading(options.ledger) as ledger:
            if options.command == "verify":
                sys.stdout.write(_verify(ledger))
            else:
                _export(ledger, options.into)
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{options.ledger}: {error}\n")
        return 1
    return 0


def _export(ledger: SqliteLedger, into: Path) -> None:
    """Only a whole export gets the name that was asked for; nothing is written over."""
    if into.exists():
        raise FileExistsError(f"{into} exists already")
    partial = into.with_name(into.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.writelines(export(ledger))
        partial.rename(into)
    finally:
        partial.unlink(missing_ok=True)


def _verify(ledger: SqliteLedger) -> str:
    proven = ledger.verify()
    for entry in ledger.entries():
        fact_of(entry)
    return (
        f"{ledger.origin} is sound: {proven.entries} entries, {proven.checkpoints} checkpoints\n"
        f"root {proven.root.hex()}\nlog key {ledger.log_key.hex()}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
