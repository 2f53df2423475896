"""What cannot be built: every field is checked before anything is sealed."""

from protocol import fields, messages, notice_codes, refusal_codes, sealed, wire_errors
from protocol.wire_errors import WireError

BADGE = b"\x01\x02\x03\x04"
VIEW = messages.View(
    "s07", 9, 5, 3, bytes(32), 0, 0, None, 0, None, None, None, None, False, None, (), None
)
HEARTBEAT = messages.Heartbeat("s07", 5, 1, 1, 90000, 0, 9, 0, 3)
EVENT = messages.Event(2, "s07", 5, 1, bytes(32), 9, messages.BadgePresent(BADGE))


def changed(message, **values):
    """A copy of a named tuple; MicroPython's has no _replace."""
    names = {
        messages.View: VIEW_FIELDS,
        messages.Heartbeat: HEARTBEAT_FIELDS,
        messages.Event: EVENT_FIELDS,
    }[type(message)]
    return type(message)(*[values.get(name, getattr(message, name)) for name in names])


VIEW_FIELDS = (
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
)
HEARTBEAT_FIELDS = (
    "terminal",
    "boot",
    "counter",
    "uptime_s",
    "heap_free_bytes",
    "outbox_events",
    "view_revision",
    "flags",
    "last_sequence",
)
EVENT_FIELDS = ("type", "terminal", "boot", "sequence", "previous", "view_revision", "body")


def refused(act, *arguments):
    """The word for which `act` is refused."""
    try:
        act(*arguments)
    except WireError as error:
        return error.name
    raise AssertionError("not refused")


def test_a_message_in_range_is_built():
    assert messages.decode_view(messages.encode_view(VIEW)) == VIEW
    assert messages.decode_heartbeat(messages.encode_heartbeat(HEARTBEAT)) == HEARTBEAT
    assert messages.decode_event(messages.encode_event(EVENT)) == EVENT


def test_decoded_parts_have_their_names():
    view = changed(
        VIEW,
        sitter=messages.Sitter("Айгүл", True),
        ballot=messages.ShownBallot(bytes(32), "Бюджет", 5, 900),
        receipt=messages.Receipt(messages.FOR, 12),
        refusal=messages.Refusal(4, refusal_codes.CODES["vote_closed"]),
        notices=(notice_codes.CODES["vote_extended"],),
        result=messages.ShownResult(True, 26, 20, 1),
    )
    found = messages.decode_view(messages.encode_view(view))
    assert found == view
    assert found.sitter.name == "Айгүл" and found.sitter.registered is True
    assert found.ballot.answers == messages.ALLOWS_FOR | messages.ALLOWS_ABSTAIN
    assert found.receipt.ledger_position == 12
    assert refusal_codes.NAMES[found.refusal.reason] == "vote_closed"
    assert found.result.votes_for == 26 and found.result.abstentions == 1


def test_no_view_out_of_range_is_built():
    assert refused(messages.encode_view, changed(VIEW, microphone=1)) == "wrong_shape"
    assert refused(messages.encode_view, changed(VIEW, phase=8)) == "out_of_range"
    assert refused(messages.encode_view, changed(VIEW, language=True)) == "wrong_shape"
    assert refused(messages.encode_view, changed(VIEW, notices=(1, 2, 3, 4, 5))) == "out_of_range"
    assert refused(messages.encode_view, changed(VIEW, sitter=("x", None))) == "wrong_shape"
    assert refused(messages.encode_view, changed(VIEW, head_hash=bytes(31))) == "out_of_range"
    assert refused(messages.encode_view, changed(VIEW, terminal="S07")) == "bad_text"


def test_no_heartbeat_out_of_range_is_built():
    assert refused(messages.encode_heartbeat, changed(HEARTBEAT, boot=0)) == "out_of_range"
    assert refused(messages.encode_heartbeat, changed(HEARTBEAT, flags=4)) == "out_of_range"
    assert refused(messages.encode_heartbeat, changed(HEARTBEAT, counter=-1)) == "out_of_range"
    assert refused(messages.encode_heartbeat, changed(HEARTBEAT, uptime_s=1.5)) == "wrong_shape"


def test_no_event_out_of_range_is_built():
    assert refused(messages.encode_event, changed(EVENT, boot=0)) == "out_of_range"
    assert refused(messages.encode_event, changed(EVENT, sequence=True)) == "wrong_shape"
    assert refused(messages.encode_event, changed(EVENT, type=32)) == "unknown_type"
    assert refused(messages.encode_event, changed(EVENT, type=3)) == "wrong_shape"
    long_badge = messages.BadgePresent(bytes(11))
    assert refused(messages.encode_event, changed(EVENT, body=long_badge)) == "out_of_range"
    assert refused(messages.type_of, (1, 2)) == "unknown_type"


def test_a_body_goes_only_under_its_own_type():
    bodies = (
        messages.Hello("f", "b", 1),
        messages.BadgePresent(BADGE),
        messages.BadgeGone(),
        messages.Press(bytes(32), 1, BADGE),
        messages.FloorRequest(),
        messages.FloorWithdraw(),
        messages.ServiceReport(1, "x"),
    )
    for number in range(1, 8):
        for body in bodies:
            event = changed(EVENT, type=number, body=body)
            if messages.type_of(body) == number:
                assert messages.decode_event(messages.encode_event(event)) == event
            else:
                assert refused(messages.encode_event, event) == "wrong_shape"


def test_nothing_is_sealed_for_a_foreign_topic():
    key = bytes(32)
    seed = bytes(32)
    for topic in ("hall/osh/seat/s08/up", "hall/osh/seat/s07/down", "hall/osh/seat/s07"):
        assert refused(sealed.seal_event, seed, EVENT, topic) == "foreign_topic"
    assert refused(sealed.seal_view, key, VIEW, "hall/osh/seat/s07/up") == "foreign_topic"
    wrong = "hall/osh/seat/s07/up"
    assert refused(sealed.seal_heartbeat, key, HEARTBEAT, wrong) == "foreign_topic"


def test_a_mac_key_of_another_length_seals_nothing():
    for length in (0, 16, 31, 33):
        topic = "hall/osh/seat/s07/alive"
        assert refused(sealed.seal_heartbeat, bytes(length), HEARTBEAT, topic) == "out_of_range"


def test_words_from_outside_are_made_to_fit():
    assert fields.fit_text("ңөү", 6) == "ңөү"
    assert fields.fit_text("ңөү", 5) == "ңө"
    assert fields.fit_text("ab\ncd\x7f\x00", 10) == "ab cd  "
    assert fields.fit_text("€\U0001f5f3x", 8) == "€\U0001f5f3x"
    assert fields.fit_text("€\U0001f5f3x", 7) == "€\U0001f5f3"
    assert fields.fit_text("€\U0001f5f3x", 6) == "€"
    for limit in range(12):
        assert len(fields.fit_text("aңb€c\U0001f5f3", limit).encode()) <= limit
        fields.text(fields.fit_text("aңb€c\U0001f5f3", limit), "text", limit)


def test_every_number_on_the_wire_has_one_name():
    for names in (wire_errors.NAMES, refusal_codes.NAMES, notice_codes.NAMES):
        assert len(set(names.values())) == len(names)
        assert min(names) == 1 and max(names) == len(names)
    assert str(WireError(wire_errors.BAD_TEXT, "name")) == "bad_text: name"
    assert str(WireError(wire_errors.BAD_MAC)) == "bad_mac"
