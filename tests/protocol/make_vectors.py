"""Writes protocol/vectors: run `python -m tests.protocol.make_vectors` from the repository's root.

The vectors are made with cbor2, cryptography and the standard library, never with the code that
they judge; a test demands that the committed files are what this writes. Every expected reason is
written by hand.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.protocol.vector_accepted import HEARTBEATS, VIEWS, accepted_events, accepted_macs
from tests.protocol.vector_cbor import accepted_cbor, rejected_cbor
from tests.protocol.vector_chains import accepted_chains, rejected_chains
from tests.protocol.vector_proofs import (
    accepted_ballot_hashes,
    accepted_ed25519,
    accepted_hmac,
    rejected_ed25519,
    rejected_topics,
)
from tests.protocol.vector_rejected import (
    rejected_event_envelopes,
    rejected_heartbeats,
    rejected_shapes,
    rejected_views,
)
from tests.protocol.vector_sealing import MAC_KEY, PUBLIC, SEED, Case

FOLDER = Path(__file__).resolve().parents[2] / "protocol" / "vectors"


def files() -> dict[str, str]:
    """Every vector file's path under protocol/vectors and its text."""
    signed = {"seed": SEED.hex(), "public": PUBLIC.hex()}
    keyed = {"mac_key": MAC_KEY.hex()}
    shapes = rejected_shapes()
    contents: dict[str, tuple[str, Case, list[Case]]] = {
        "accepted/cbor.json": ("Values and their one encoding.", {}, accepted_cbor()),
        "accepted/events.json": ("Signed events.", signed, accepted_events()),
        "accepted/heartbeats.json": ("Heartbeats.", keyed, accepted_macs(HEARTBEATS, "alive")),
        "accepted/views.json": ("Views.", keyed, accepted_macs(VIEWS, "down")),
        "accepted/chains.json": ("Admitted or repeated after a history.", signed,
                                 accepted_chains()),
        "accepted/ed25519.json": ("RFC 8032, 7.1, and more signatures.", {}, accepted_ed25519()),
        "accepted/hmac.json": ("RFC 4231 and more tags.", {}, accepted_hmac()),
        "accepted/ballot_hashes.json": ("What a press consents to.", {}, accepted_ballot_hashes()),
        "rejected/cbor.json": ("Bytes that are nobody's encoding.", {}, rejected_cbor()),
        "rejected/event_envelopes.json": ("Events that are not properly signed.", signed,
                                          rejected_event_envelopes()),
        "rejected/event_heads.json": ("Well signed, wrong before the body.", signed, shapes[:36]),
        "rejected/event_bodies.json": ("Well signed, wrong in the body.", signed, shapes[36:]),
        "rejected/heartbeats.json": ("Heartbeats.", keyed, rejected_heartbeats()),
        "rejected/views.json": ("Views.", keyed, rejected_views()),
        "rejected/chains.json": ("Well signed, refused after a history.", signed,
                                 rejected_chains()),
        "rejected/ed25519.json": ("Signatures that no verifier may take.", {}, rejected_ed25519()),
        "rejected/topics.json": ("No topics of a seat.", {}, rejected_topics()),
    }  # fmt: skip
    return {
        path: json.dumps({"about": about, **keys, "cases": cases}, ensure_ascii=False, indent=1)
        + "\n"
        for path, (about, keys, cases) in contents.items()
    }


if __name__ == "__main__":
    for path, text in files().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote vectors/{path}\n")
