"""What stops a sitting: a fact that cannot have happened, which is always our own fault.

A refusal is a value (``refusals``); this is the other thing. Nobody catches it and goes on.
"""

from __future__ import annotations


class InvariantBroken(Exception):  # noqa: N818 - it names a state, as the style guide does
    """An impossible fact was met: the sitting must stop and say so; the ledger stays as it is."""


def demand(condition: bool, what: str) -> None:
    """Stop the sitting unless ``condition`` holds; unlike an assert it cannot be stripped."""
    if not condition:
        raise InvariantBroken(what)
