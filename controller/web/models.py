"""The shapes that the API promises to outside programs, for the OpenAPI document and the tests.

They describe; they do not run on the way out: a snapshot is made by the records room and sent as it
is. A test holds every answer of the hall against these shapes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """No field that is not named here."""

    model_config = ConfigDict(extra="forbid")


class Text(Model):
    """One text in three languages."""

    ru: str
    ky: str
    en: str


class NameForms(Model):
    full: str
    short: str
    sort: str


class Names(Model):
    ru: NameForms
    ky: NameForms
    en: NameForms


class Hall(Model):
    id: str
    name: Text


class SittingHead(Model):
    id: str
    title: Text
    phase: Literal[
        "none", "prepared", "registration", "item", "voting", "closed", "proclaimed", "ended"
    ]


class Time(Model):
    hall_ms: int = Field(description="the hall's own monotonic milliseconds")
    wall: str = Field(description="ISO 8601 with the hall's offset")


class Quorum(Model):
    needed: int
    present: int = Field(description="badge in a seat that is heard now")
    registered: int
    no_connection: int
    reached: bool


class Registration(Model):
    open: bool


class Faction(Model):
    id: str
    name: Text
    short: Text


VoteValue = Literal["for", "against", "abstain", "not_voted", "absent"]


class Deputy(Model):
    id: str
    number: int
    name: Names
    faction: str | None
    terminal: str | None
    presence: Literal["present", "absent", "no_connection"]
    registered: bool
    voted: bool = Field(description="a choice is recorded in the shown vote")
    value: VoteValue | None = Field(description="null until the vote is closed")


class Seat(Model):
    terminal: str
    label: str
    x: int
    y: int
    deputy: str | None
    state: Literal["online", "lost", "revoked", "never"]


class AgendaItem(Model):
    id: str
    number: str
    title: Text
    question: Text
    state: Literal["pending", "current", "done"]
    vote: str | None
    adopted: bool | None


class Rule(Model):
    id: str
    name: Text
    source: Text


class Base(Model):
    name: Literal["established", "elected", "present", "took_part", "cast"]
    number: int


class FactionTally(Model):
    faction: str | None
    for_: int = Field(alias="for")
    against: int
    abstain: int
    not_voted: int
    absent: int


class DeputyVote(Model):
    deputy: str
    value: VoteValue


class Result(Model):
    for_: int = Field(alias="for")
    against: int
    abstain: int
    not_voted: int
    absent: int
    adopted: bool
    by_faction: list[FactionTally]
    by_deputy: list[DeputyVote]


class Vote(Model):
    id: str
    item: str
    question: Text
    state: Literal["open", "closed", "proclaimed"]
    answers: list[Literal["for", "against", "abstain"]]
    rule: Rule
    votes_needed: int
    base: Base
    opened_ms: int
    deadline_ms: int
    duration_ms: int
    remaining_ms: int
    voted: int
    entitled: int
    result: Result | None = Field(description="null while the vote is open")


class Floor(Model):
    queue: list[str]


class Checkpoint(Model):
    size: int
    root: str
    text: str


class Order(Model):
    """The deputies' ids in alphabetical order of each language."""

    ru: list[str]
    ky: list[str]
    en: list[str]


class Sitting(Model):
    """The public snapshot."""

    version: Literal[1]
    revision: int = Field(description="number of ledger entries; grows with every change")
    hall: Hall
    sitting: SittingHead
    time: Time
    established: int
    vacant: int
    quorum: Quorum
    registration: Registration
    factions: list[Faction]
    deputies: list[Deputy]
    seats: list[Seat]
    agenda: list[AgendaItem]
    item: str | None
    vote: Vote | None
    floor: Floor
    checkpoint: Checkpoint | None
    order: Order


class AcceptedOrder(Model):
    position: int = Field(description="the order's entry in the ledger")
    repeated: bool = Field(description="an earlier copy of this order was already carried out")


class ProblemBody(Model):
    """``error`` is stable; ``message`` is a sentence in the request's language."""

    error: str
    message: str


class Credentials(Model):
    password: str = Field(max_length=256)


class SessionState(Model):
    signed_in: bool
