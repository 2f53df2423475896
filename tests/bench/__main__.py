"""Measures the budgets of Dobush on this machine and writes them down; see docs/benchmarks.md.

    python -m tests.bench --into build/bench.json [--quick] [--only NAME] [--wait-quiet SECONDS]

Exit status: 0 measured, whatever the numbers; 1 a vote was lost or a part could not be measured.
"""

from __future__ import annotations

import sys

from simulator.keeper import run_kept
from tests.bench.options import parse

if __name__ == "__main__":
    parse(sys.argv[1:])  # a wrong command ends here
    sys.exit(run_kept(["-m", "tests.bench.run", *sys.argv[1:]]))
