"""Whole messages: every accepted vector both ways, every rejected one refused for its reason."""

from protocol import ed25519_verify, envelope, messages, sealed, topics
from protocol.canonical_cbor import decode
from protocol.wire_errors import WireError
from tests.shared.protocol.vector_cases import as_lists, load, same, value_of


def verifier(file):
    """What `open_event` asks: the strict verifier with this file's key."""
    public = bytes.fromhex(file["public"])

    def verify(message, signature):
        return ed25519_verify.verify(public, message, signature)

    return verify


def refuse_all(file, open_message):
    """Open every case of a rejected file and compare the reasons."""
    for case in file["cases"]:
        try:
            open_message(bytes.fromhex(case["message"]), case["topic"])
        except WireError as refused:
            assert refused.name == case["reason"], case["name"] + ": " + str(refused)
        else:
            raise AssertionError("accepted: " + case["name"])


def test_accepted_events_open_to_the_values_of_the_vector():
    file = load("accepted/events.json")
    verify = verifier(file)
    for case in file["cases"]:
        message = bytes.fromhex(case["message"])
        event = sealed.open_event(message, case["topic"], verify)
        fields = as_lists(tuple(event))
        assert same([1] + fields, value_of(case["payload_value"])), case["name"]
        assert messages.event_hash(message).hex() == case["event_hash"]


def test_events_are_sealed_to_the_very_bytes_of_the_vector():
    file = load("accepted/events.json")
    seed = bytes.fromhex(file["seed"])
    verify = verifier(file)
    for case in file["cases"]:
        event = sealed.open_event(bytes.fromhex(case["message"]), case["topic"], verify)
        assert messages.encode_event(event).hex() == case["payload"], case["name"]
        signed = envelope.sign_structure(bytes.fromhex(case["payload"]), case["topic"])
        assert signed.hex() == case["signed_bytes"]
        assert sealed.seal_event(seed, event, case["topic"]).hex() == case["message"]
        assert messages.type_of(event.body) == event.type


def test_accepted_heartbeats_open_and_are_sealed_to_the_same_bytes():
    file = load("accepted/heartbeats.json")
    key = bytes.fromhex(file["mac_key"])
    for case in file["cases"]:
        heartbeat = sealed.open_heartbeat(bytes.fromhex(case["message"]), key, case["topic"])
        wanted = value_of(case["payload_value"])
        assert same([1, 32] + as_lists(tuple(heartbeat)), wanted), case["name"]
        assert sealed.seal_heartbeat(key, heartbeat, case["topic"]).hex() == case["message"]


def test_accepted_views_open_and_are_sealed_to_the_same_bytes():
    file = load("accepted/views.json")
    key = bytes.fromhex(file["mac_key"])
    for case in file["cases"]:
        view = sealed.open_view(bytes.fromhex(case["message"]), key, case["topic"])
        wanted = value_of(case["payload_value"])
        assert same([1, 64] + as_lists(tuple(view)), wanted), case["name"]
        assert sealed.seal_view(key, view, case["topic"]).hex() == case["message"]


def test_events_that_are_not_properly_signed_are_refused_for_their_reason():
    file = load("rejected/event_envelopes.json")
    verify = verifier(file)
    refuse_all(file, lambda data, topic: sealed.open_event(data, topic, verify))


def test_well_signed_events_with_a_wrong_head_are_refused_for_their_reason():
    file = load("rejected/event_heads.json")
    verify = verifier(file)
    refuse_all(file, lambda data, topic: sealed.open_event(data, topic, verify))


def test_well_signed_events_with_a_wrong_body_are_refused_for_their_reason():
    file = load("rejected/event_bodies.json")
    verify = verifier(file)
    refuse_all(file, lambda data, topic: sealed.open_event(data, topic, verify))


def test_rejected_heartbeats_are_refused_for_their_reason():
    file = load("rejected/heartbeats.json")
    key = bytes.fromhex(file["mac_key"])
    refuse_all(file, lambda data, topic: sealed.open_heartbeat(data, key, topic))


def test_rejected_views_are_refused_for_their_reason():
    file = load("rejected/views.json")
    key = bytes.fromhex(file["mac_key"])
    refuse_all(file, lambda data, topic: sealed.open_view(data, key, topic))


def test_no_flipped_bit_of_a_heartbeat_or_view_is_accepted():
    for path, open_message in (
        ("accepted/heartbeats.json", sealed.open_heartbeat),
        ("accepted/views.json", sealed.open_view),
    ):
        file = load(path)
        key = bytes.fromhex(file["mac_key"])
        case = file["cases"][1]
        whole = bytes.fromhex(case["message"])
        for at in range(len(whole)):
            changed = bytearray(whole)
            changed[at] ^= 1 << at % 8
            try:
                open_message(bytes(changed), key, case["topic"])
            except WireError:
                continue
            raise AssertionError(f"a flipped bit in byte {at} was accepted")


def test_no_flipped_bit_of_an_event_reaches_the_shape_check():
    file = load("accepted/events.json")
    case = file["cases"][6]
    whole = bytes.fromhex(case["message"])
    parts = decode(whole).value
    right = (bytes.fromhex(case["signed_bytes"]), parts[3])

    def verify(message, signature):
        return (message, signature) == right

    assert sealed.open_event(whole, case["topic"], verify).type == messages.PRESS
    for at in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[at] ^= 1 << bit
            try:
                sealed.open_event(bytes(changed), case["topic"], verify)
            except WireError as refused:
                # all of them are refused at or before the signature
                assert refused.name != "wrong_shape" and refused.name != "out_of_range"
                continue
            raise AssertionError(f"bit {bit} of byte {at} was accepted")


def test_a_verifier_must_say_true_and_not_merely_something_true():
    case = load("accepted/events.json")["cases"][6]
    data = bytes.fromhex(case["message"])
    for answer in (None, 1, "yes", False):
        try:
            sealed.open_event(data, case["topic"], lambda message, signature, said=answer: said)
        except WireError as refused:
            assert refused.name == "bad_signature"
        else:
            raise AssertionError(f"{answer!r} was taken for True")


def test_rejected_topics_are_foreign():
    for case in load("rejected/topics.json")["cases"]:
        try:
            topics.parse(case["topic"])
        except WireError as refused:
            assert refused.name == case["reason"], case["name"]
        else:
            raise AssertionError("accepted: " + case["name"])


def test_a_topic_is_built_and_parsed_back():
    for direction in topics.DIRECTIONS:
        topic = topics.build("osh-1", "a" * 16, direction)
        assert topics.parse(topic) == ("osh-1", "a" * 16, direction)
    assert topics.build("osh", "s07", topics.UP) == "hall/osh/seat/s07/up"
