"""Every message as a named tuple, and its payload as a fixed-position CBOR array.

Promises: what `decode_*` returns has the shape and bounds of SPEC.md, and `encode_*` refuses to
build anything else. Knows no key, no topic and no rule of a sitting.
"""

import hashlib
from collections import namedtuple

from protocol import fields, limits
from protocol.canonical_cbor import decode, encode
from protocol.wire_errors import OUT_OF_RANGE, UNKNOWN_TYPE, WRONG_SHAPE, WRONG_VERSION, WireError

HELLO = 1
BADGE_PRESENT = 2
BADGE_GONE = 3
PRESS = 4
FLOOR_REQUEST = 5
FLOOR_WITHDRAW = 6
SERVICE_REPORT = 7
HEARTBEAT = 32
VIEW = 64

FOR = 1
AGAINST = 2
ABSTAIN = 3

# bits of ShownBallot.answers
ALLOWS_FOR = 1
ALLOWS_AGAINST = 2
ALLOWS_ABSTAIN = 4

# bits of Heartbeat.flags
BADGE_IN_READER = 1
INPUT_OVERFLOW = 2

LANGUAGES = ("ru", "ky", "en")
PHASES = ("none", "prepared", "registration", "item", "voting", "closed", "proclaimed", "ended")

NO_HASH = bytes(limits.HASH_BYTES)

Event = namedtuple(
    "Event", ("type", "terminal", "boot", "sequence", "previous", "view_revision", "body")
)
Hello = namedtuple("Hello", ("firmware", "board", "reset_cause"))
BadgePresent = namedtuple("BadgePresent", ("badge",))
BadgeGone = namedtuple("BadgeGone", ())
Press = namedtuple("Press", ("ballot", "answer", "badge"))
FloorRequest = namedtuple("FloorRequest", ())
FloorWithdraw = namedtuple("FloorWithdraw", ())
ServiceReport = namedtuple("ServiceReport", ("code", "detail"))

Heartbeat = namedtuple(
    "Heartbeat",
    (
        "terminal",
        "boot",
        "counter",
        "uptime_s",
        "heap_free_bytes",
        "outbox_events",
        "view_revision",
        "flags",
        "last_sequence",
    ),
)

View = namedtuple(
    "View",
    (
        "terminal",
        "revision",
        "seat_boot",
        "accepted_sequence",
        "head_hash",
        "wall_ms",
        "language",
        "sitter",
        "phase",
        "ballot",
        "receipt",
        "refusal",
        "floor_place",
        "microphone",
        "speak_left_ms",
        "notices",
        "result",
    ),
)
Sitter = namedtuple("Sitter", ("name", "registered"))
ShownBallot = namedtuple("ShownBallot", ("hash", "title", "answers", "remaining_ms"))
Receipt = namedtuple("Receipt", ("answer", "ledger_position"))
Refusal = namedtuple("Refusal", ("sequence", "reason"))
ShownResult = namedtuple("ShownResult", ("adopted", "votes_for", "votes_against", "abstentions"))


def event_hash(data: bytes) -> bytes:
    """The hash by which the next event names this one: SHA-256 of the whole sealed message."""
    return hashlib.sha256(data).digest()


def encode_event(event: Event) -> bytes:
    """The payload of a signed event."""
    checked = _event(event[0], event[1:6], event[6])
    return encode((limits.WIRE_VERSION, checked[0]) + tuple(checked[1:6]) + (tuple(checked[6]),))


def decode_event(payload: bytes) -> Event:
    """The event of a payload that was opened."""
    parts = _message(payload, 8)
    return _event(parts[1], parts[2:7], parts[7])


def encode_heartbeat(heartbeat: Heartbeat) -> bytes:
    """The payload of a heartbeat."""
    return encode((limits.WIRE_VERSION, HEARTBEAT) + tuple(_heartbeat(heartbeat)))


def decode_heartbeat(payload: bytes) -> Heartbeat:
    """The heartbeat of a payload that was opened."""
    parts = _message(payload, 11)
    _type(parts[1], HEARTBEAT)
    return _heartbeat(parts[2:])


def encode_view(view: View) -> bytes:
    """The payload of a seat's view."""
    return encode((limits.WIRE_VERSION, VIEW) + tuple(_view(view)))


def decode_view(payload: bytes) -> View:
    """The view of a payload that was opened."""
    parts = _message(payload, 19)
    _type(parts[1], VIEW)
    return _view(parts[2:])


def _message(payload: bytes, count: int) -> list:
    """The array of a payload, its version checked before its length."""
    parts = decode(payload)
    if not isinstance(parts, list) or not parts:
        raise WireError(WRONG_SHAPE, "a message is an array")
    if fields.uint(parts[0], "version", limits.UINT64_MAX) != limits.WIRE_VERSION:
        raise WireError(WRONG_VERSION, "version %d" % parts[0])
    return fields.array(parts, "message", count)


def _type(value, wanted: int) -> None:
    if fields.uint(value, "type", limits.UINT64_MAX) != wanted:
        raise WireError(UNKNOWN_TYPE, "type %d" % value)


def _hello(body) -> Hello:
    return Hello(
        fields.text(body[0], "firmware", limits.FIRMWARE_BYTES_MAX),
        fields.text(body[1], "board", limits.BOARD_BYTES_MAX),
        fields.uint(body[2], "reset_cause", limits.UINT8_MAX),
    )


def _badge(value) -> bytes:
    return fields.binary(value, "badge", limits.BADGE_BYTES_MIN, limits.BADGE_BYTES_MAX)


def _press(body) -> Press:
    return Press(
        fields.binary(body[0], "ballot"),
        fields.uint(body[1], "answer", ABSTAIN, FOR),
        _badge(body[2]),
    )


def _badge_present(body) -> BadgePresent:
    return BadgePresent(_badge(body[0]))


def _badge_gone(_body) -> BadgeGone:
    return BadgeGone()


def _floor_request(_body) -> FloorRequest:
    return FloorRequest()


def _floor_withdraw(_body) -> FloorWithdraw:
    return FloorWithdraw()


def _service_report(body) -> ServiceReport:
    return ServiceReport(
        fields.uint(body[0], "code", limits.UINT16_MAX),
        fields.text(body[1], "detail", limits.DETAIL_BYTES_MAX),
    )


# type: (named tuple of the body, length of its array, check)
_BODIES = {
    HELLO: (Hello, 3, _hello),
    BADGE_PRESENT: (BadgePresent, 1, _badge_present),
    BADGE_GONE: (BadgeGone, 0, _badge_gone),
    PRESS: (Press, 3, _press),
    FLOOR_REQUEST: (FloorRequest, 0, _floor_request),
    FLOOR_WITHDRAW: (FloorWithdraw, 0, _floor_withdraw),
    SERVICE_REPORT: (ServiceReport, 2, _service_report),
}


def type_of(body) -> int:
    """The event type of a body."""
    for number in _BODIES:
        if isinstance(body, _BODIES[number][0]):
            return number
    raise WireError(UNKNOWN_TYPE, "no body of an event")


def _event(number, head, body) -> Event:
    """Check one event, decoded (body is a list) or about to be encoded (body is named)."""
    fields.uint(number, "type", limits.UINT64_MAX)
    if number not in _BODIES:
        raise WireError(UNKNOWN_TYPE, "type %d" % number)
    named, count, check = _BODIES[number]
    if not isinstance(body, list) and not isinstance(body, named):
        raise WireError(WRONG_SHAPE, "body")
    return Event(
        number,
        fields.name(head[0], "terminal"),
        fields.uint(head[1], "boot", limits.UINT32_MAX, 1),
        fields.uint(head[2], "sequence"),
        fields.binary(head[3], "previous"),
        fields.uint(head[4], "view_revision", limits.UINT64_MAX),
        check(fields.array(body, "body", count)),
    )


def _heartbeat(parts) -> Heartbeat:
    return Heartbeat(
        fields.name(parts[0], "terminal"),
        fields.uint(parts[1], "boot", limits.UINT32_MAX, 1),
        fields.uint(parts[2], "counter"),
        fields.uint(parts[3], "uptime_s"),
        fields.uint(parts[4], "heap_free_bytes"),
        fields.uint(parts[5], "outbox_events", limits.OUTBOX_EVENTS_MAX),
        fields.uint(parts[6], "view_revision", limits.UINT64_MAX),
        fields.uint(parts[7], "flags", BADGE_IN_READER | INPUT_OVERFLOW),
        fields.uint(parts[8], "last_sequence"),
    )


def _sitter(value):
    if value is None:
        return None
    parts = fields.array(value, "sitter", 2)
    return Sitter(
        fields.text(parts[0], "name", limits.SITTER_NAME_BYTES_MAX),
        fields.flag(parts[1], "registered"),
    )


def _ballot(value):
    if value is None:
        return None
    parts = fields.array(value, "ballot", 4)
    return ShownBallot(
        fields.binary(parts[0], "ballot hash"),
        fields.text(parts[1], "title", limits.TITLE_BYTES_MAX),
        fields.uint(parts[2], "answers", ALLOWS_FOR | ALLOWS_AGAINST | ALLOWS_ABSTAIN, 1),
        fields.uint(parts[3], "remaining_ms"),
    )


def _receipt(value):
    if value is None:
        return None
    parts = fields.array(value, "receipt", 2)
    return Receipt(
        fields.uint(parts[0], "answer", ABSTAIN, FOR),
        fields.uint(parts[1], "ledger_position", limits.UINT64_MAX),
    )


def _refusal(value):
    if value is None:
        return None
    parts = fields.array(value, "refusal", 2)
    return Refusal(
        fields.uint(parts[0], "sequence"),
        fields.uint(parts[1], "reason", limits.UINT8_MAX),
    )


def _notices(value) -> tuple:
    if not isinstance(value, (list, tuple)):
        raise WireError(WRONG_SHAPE, "notices")
    if len(value) > limits.NOTICES_MAX:
        raise WireError(OUT_OF_RANGE, "notices")
    return tuple([fields.uint(code, "notice", limits.UINT16_MAX) for code in value])


def _result(value):
    if value is None:
        return None
    parts = fields.array(value, "result", 4)
    return ShownResult(
        fields.flag(parts[0], "adopted"),
        fields.uint(parts[1], "votes for", limits.UINT16_MAX),
        fields.uint(parts[2], "votes against", limits.UINT16_MAX),
        fields.uint(parts[3], "abstentions", limits.UINT16_MAX),
    )


def _view(parts) -> View:
    return View(
        fields.name(parts[0], "terminal"),
        fields.uint(parts[1], "revision", limits.UINT64_MAX),
        fields.uint(parts[2], "seat_boot"),
        fields.uint(parts[3], "accepted_sequence"),
        fields.binary(parts[4], "head_hash"),
        fields.uint(parts[5], "wall_ms", limits.UINT64_MAX),
        fields.uint(parts[6], "language", len(LANGUAGES) - 1),
        _sitter(parts[7]),
        fields.uint(parts[8], "phase", len(PHASES) - 1),
        _ballot(parts[9]),
        _receipt(parts[10]),
        _refusal(parts[11]),
        fields.uint_or_null(parts[12], "floor_place", limits.UINT16_MAX),
        fields.flag(parts[13], "microphone"),
        fields.uint_or_null(parts[14], "speak_left_ms"),
        _notices(parts[15]),
        _result(parts[16]),
    )
