"""Decision rules in whole numbers: what a fraction of which base asks, and who reaches it.

No float and no percentage: ``votes * denominator`` is compared with ``numerator * base``. A
decision never passes without a single vote for it, whatever its base came to.
"""

from __future__ import annotations

import msgspec

from controller.core.facts import Fraction, Tally


class Numbers(msgspec.Struct, frozen=True):
    """The five bases at one moment."""

    established: int
    elected: int
    present: int
    took_part: int
    cast: int


def numbers_before(established: int, elected: int, present: int) -> Numbers:
    """The bases before anybody voted: ``took_part`` and ``cast`` as if all present would vote."""
    return Numbers(established, elected, present, present, present)


def numbers_after(established: int, elected: int, tally: Tally) -> Numbers:
    """The bases of a finished count; whoever voted was present, even who left before the close."""
    cast = tally.votes_for + tally.votes_against
    took_part = cast + tally.votes_abstain
    return Numbers(established, elected, took_part + tally.not_voted, took_part, cast)


def base_number(fraction: Fraction, numbers: Numbers) -> int:
    """The number that the fraction is taken of."""
    match fraction.base:
        case "established":
            return numbers.established
        case "elected":
            return numbers.elected
        case "present":
            return numbers.present
        case "took_part":
            return numbers.took_part
        case "cast":
            return numbers.cast


def votes_needed(fraction: Fraction, numbers: Numbers) -> int:
    """The smallest count that satisfies the fraction; at least 1."""
    share = fraction.numerator * base_number(fraction, numbers)
    if fraction.compare == "gt":
        needed = share // fraction.denominator + 1
    else:
        needed = -(-share // fraction.denominator)
    return max(1, needed)


def passes(fraction: Fraction, count: int, numbers: Numbers) -> bool:
    """Whether ``count`` satisfies the fraction."""
    left = count * fraction.denominator
    right = fraction.numerator * base_number(fraction, numbers)
    return count >= 1 and (left > right if fraction.compare == "gt" else left >= right)
