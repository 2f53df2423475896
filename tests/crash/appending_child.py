"""A process that appends until it is killed and says, one line each, what was acknowledged.

Arguments: the ledger's path, a seed, and the largest file it may write (0: any).
"""

from __future__ import annotations

import random
import resource
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core.facts import BallotCast
from controller.ledger.codec import draft_of
from controller.ledger.port import LedgerFailed
from controller.ledger.sqlite import SqliteLedger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def say(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def main() -> int:
    path, seed, bytes_max = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if bytes_max:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    dice = random.Random(seed)
    ledger = SqliteLedger.create_or_open(path, "hall", "s1", KEY)
    say("open", ledger.size, ledger.root().hex())
    while True:
        first = ledger.size
        drafts = [
            draft_of(BallotCast("v1", f"d{first + index}", "s01", "for"), first, first, bytes(300))
            for index in range(dice.choice((1, 1, 2, 5, 51)))
        ]
        try:
            ledger.append(drafts)
        except LedgerFailed:
            say("failed", first, "-")
            return 3
        say("acknowledged", ledger.size, ledger.root().hex())
        if dice.random() < 0.1:
            ledger.sign_checkpoint()


if __name__ == "__main__":
    sys.exit(main())
