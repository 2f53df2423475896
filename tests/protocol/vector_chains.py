"""Histories of sealed events, and what the newest event of each must be judged."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.protocol.vector_sealing import (
    BADGE,
    BALLOT,
    HEAD,
    PRESS,
    UP,
    ZEROS,
    Case,
    dumps,
    event,
    sign1,
)


def chained(history: list[list[Any]]) -> list[bytes]:
    """Sign each event; a `previous` of None becomes the hash of the one before."""
    sealed: list[bytes] = []
    for parts in history:
        if parts[5] is None:
            parts = [*parts[:5], hashlib.sha256(sealed[-1]).digest(), *parts[6:]]
        sealed.append(sign1(dumps(parts)))
    return sealed


HELLO = ["dobush 0.1.0", "seat-a", 1]


def opening() -> list[list[Any]]:
    return [
        event(1, HELLO, boot=4, sequence=0, previous=ZEROS),
        event(2, [BADGE], boot=4, sequence=1, previous=None),
        event(4, PRESS, boot=4, sequence=2, previous=None),
    ]


def chain_case(
    name: str, why: str, reason: str, last: list[Any], history: list[list[Any]] | None = None
) -> Case:
    sealed = chained([*(opening() if history is None else history), last])
    return {"name": name, "why": why, "topic": UP, "reason": reason,
            "history": [message.hex() for message in sealed[:-1]],
            "message": sealed[-1].hex()}  # fmt: skip


def accepted_chains() -> list[Case]:
    whole = chained(opening())
    repeats = []
    for index, name in ((2, "the newest"), (0, "the hello")):
        repeats.append({"name": f"repeat of {name}", "topic": UP, "reason": "repeat",
                        "why": "the same bytes again: the same receipt, no second effect",
                        "history": [message.hex() for message in whole],
                        "message": whole[index].hex()})  # fmt: skip
    return [
        chain_case("the first hello", "names zeros", "admit",
                   event(1, HELLO, boot=1, sequence=0, previous=ZEROS), []),
        chain_case("next in the chain", "number and hash follow", "admit",
                   event(3, [], boot=4, sequence=3, previous=None)),
        chain_case("a new boot", "its hello names the head of the boot before", "admit",
                   event(1, HELLO, boot=5, sequence=0, previous=None)),
        chain_case("boots may be skipped", "a boot that was never heard still counted", "admit",
                   event(1, HELLO, boot=9, sequence=0, previous=None)),
        chain_case("a second hello of an unheard boot",
                   "hello 0 was refused, so hello 1 names the true head", "admit",
                   event(1, HELLO, boot=5, sequence=1, previous=None)),
        *repeats,
    ]  # fmt: skip


def rejected_chains() -> list[Case]:
    newer = [*opening(), event(1, HELLO, boot=5, sequence=1, previous=None)]
    many = [event(1, HELLO, boot=4, sequence=0, previous=ZEROS)]
    many += [event(3, [], boot=4, sequence=number, previous=None) for number in range(1, 34)]
    whole = chained(many)
    old = {"name": "a repeat from long ago", "topic": UP, "reason": "old_sequence",
           "why": "only the newest 32 events are told apart", "message": whole[1].hex(),
           "history": [message.hex() for message in whole]}  # fmt: skip
    return [
        chain_case("replay after a reboot", "boot 4 is over", "old_boot",
                   event(4, PRESS, boot=4, sequence=2, previous=HEAD), newer),
        chain_case("a clone's old boot", "even a hello cannot go back", "old_boot",
                   event(1, HELLO, boot=3, sequence=0, previous=None)),
        chain_case("a refused number again", "hello 0 never got in, and hello 1 did",
                   "old_sequence", event(1, HELLO, boot=5, sequence=0, previous=ZEROS), newer),
        old,
        chain_case("fork of the newest", "number 2 on another answer: two hands on one key",
                   "forked_sequence",
                   event(4, [BALLOT, 2, BADGE], boot=4, sequence=2, previous=HEAD)),
        chain_case("fork of the hello", "number 0 on other bytes", "forked_sequence",
                   event(1, ["other", "seat-a", 1], boot=4, sequence=0, previous=ZEROS)),
        chain_case("wrong previous", "number 3 does not name number 2", "broken_chain",
                   event(3, [], boot=4, sequence=3, previous=HEAD)),
        chain_case("a gap", "number 4 before number 3", "broken_chain",
                   event(3, [], boot=4, sequence=4, previous=None)),
        chain_case("a second hello", "this boot has begun already", "broken_chain",
                   event(1, HELLO, boot=4, sequence=3, previous=None)),
        chain_case("a boot without hello", "a boot begins with a hello", "broken_chain",
                   event(3, [], boot=5, sequence=0, previous=None)),
        chain_case("a hello with zeros", "the controller knows this terminal", "broken_chain",
                   event(1, HELLO, boot=5, sequence=0, previous=ZEROS)),
        chain_case("a first hello with a head", "the controller does not know it", "broken_chain",
                   event(1, HELLO, boot=5, sequence=0, previous=HEAD), []),
    ]  # fmt: skip
