"""Starts one hall: ledger, writer, broker, bridge and pages; also enrols terminals.

    python -m controller --data DIR [--port 8080] [--mqtt-port 8883]
    python -m controller --data DIR enrol --terminal s01 --public-key HEX --into FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from controller.ledger.port import LedgerError
from controller.seats.provisioning import Enrolment, EnrolmentRefused, enrol
from controller.service import ServiceFailed, serve
from controller.settings import EnrolOptions, Settings, parse

EXIT_USAGE = 2
EXIT_FAILED = 3


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 done or stopped on request, 2 refused, 3 the hall had to stop."""
    options = parse(arguments)
    match options:
        case EnrolOptions():
            return _enrol(options)
        case Settings():
            return _serve(options)


def _serve(settings: Settings) -> int:
    try:
        asyncio.run(serve(settings))
    except (ServiceFailed, LedgerError, OSError) as failure:
        print(f"Dobush stops: {failure}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 0
    return 0


def _enrol(options: EnrolOptions) -> int:
    enrolment = Enrolment(options.terminal, options.public_key, options.into)
    try:
        outcome = enrol(options.data, enrolment)
    except FileNotFoundError:
        print(f"{options.data} holds no hall yet: start it once", file=sys.stderr)
        return EXIT_USAGE
    if isinstance(outcome, EnrolmentRefused):
        print(f"{options.terminal} was not enrolled: {outcome.reason}", file=sys.stderr)
        return EXIT_USAGE
    print(f"{options.terminal} is enrolled; its files are in {options.into}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
