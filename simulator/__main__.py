"""The simulator's program: checks the command, then runs the hall in a process group of its own.

    python -m simulator hall --seats 51 --port 8080 --data DIR
    python -m simulator run SCENARIO [--seats N] [--report FILE] [--data DIR] [--seed S]

Exit status of ``run``: 0 the audit proved everything, 1 it did not, 2 the command cannot be done.
"""

from __future__ import annotations

import sys

from simulator.command_line import parse
from simulator.keeper import run_kept

if __name__ == "__main__":
    parse(sys.argv[1:])  # a wrong command ends here
    sys.exit(run_kept(["-m", "simulator.kept", *sys.argv[1:]]))
