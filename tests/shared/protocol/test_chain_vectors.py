"""The chain and replay rules: stories of sealed messages, and what each newest one is judged."""

from protocol import messages, replay, wire_errors
from protocol.canonical_cbor import decode
from tests.shared.protocol.vector_cases import load


def opened(message):
    """(event, hash) of a message whose signature another test checks."""
    return messages.decode_event(decode(message).value[2]), messages.event_hash(message)


def judged(chain, message):
    """The word of the verdict on one message."""
    event, event_hash = opened(message)
    verdict = chain.judge(
        event.boot, event.sequence, event.previous, event_hash, event.type == messages.HELLO
    )
    if verdict == replay.ADMIT:
        return "admit"
    return "repeat" if verdict == replay.REPEAT else wire_errors.NAMES[verdict]


def play(path):
    """Every case of a file: its history is admitted, then its message has the vector's verdict."""
    for case in load(path)["cases"]:
        chain = replay.Chain()
        for text in case["history"]:
            message = bytes.fromhex(text)
            assert judged(chain, message) == "admit", case["name"]
            event, event_hash = opened(message)
            chain.admit(event.boot, event.sequence, event_hash)
        assert judged(chain, bytes.fromhex(case["message"])) == case["reason"], case["name"]


def test_accepted_stories_are_admitted_or_known_as_repeats():
    play("accepted/chains.json")


def test_rejected_stories_are_refused_for_their_reason():
    play("rejected/chains.json")


def grown(chain, boot, count):
    """Admit a boot's hello and `count` further events; the hash of n is n in 32 bytes."""
    for sequence in range(count + 1):
        event_hash = (1000 * boot + sequence).to_bytes(32, "big")
        verdict = chain.judge(boot, sequence, chain.head_hash, event_hash, sequence == 0)
        assert verdict == replay.ADMIT
        chain.admit(boot, sequence, event_hash)


def test_judging_changes_nothing():
    chain = replay.Chain()
    grown(chain, 3, 2)
    before = (chain.boot, chain.sequence, chain.head_hash)
    for boot in (2, 3, 4):
        for sequence in (0, 2, 3, 4):
            for hello in (True, False):
                chain.judge(boot, sequence, chain.head_hash, bytes(32), hello)
    assert (chain.boot, chain.sequence, chain.head_hash) == before


def test_only_the_newest_32_events_of_a_boot_are_told_apart():
    chain = replay.Chain()
    grown(chain, 1, 40)
    for sequence in range(41):
        known = (1000 + sequence).to_bytes(32, "big")
        same = chain.judge(1, sequence, bytes(32), known, False)
        other = chain.judge(1, sequence, bytes(32), bytes(32), False)
        if sequence > 40 - 32:
            assert (same, other) == (replay.REPEAT, wire_errors.FORKED_SEQUENCE)
        else:
            assert (same, other) == (wire_errors.OLD_SEQUENCE, wire_errors.OLD_SEQUENCE)


def test_a_new_boot_forgets_the_window_of_the_boot_before():
    chain = replay.Chain()
    grown(chain, 1, 5)
    grown(chain, 2, 0)
    assert chain.judge(1, 5, bytes(32), (1005).to_bytes(32, "big"), False) == wire_errors.OLD_BOOT
    assert chain.judge(2, 0, bytes(32), (2000).to_bytes(32, "big"), True) == replay.REPEAT


def test_exactly_one_verdict_admits_and_it_moves_numbers_forward():
    for boot in range(4):
        for sequence in range(5):
            for follows in (True, False):
                for hello in (True, False):
                    chain = replay.Chain()
                    grown(chain, 2, 2)
                    previous = chain.head_hash if follows else bytes(32)
                    verdict = chain.judge(boot, sequence, previous, b"\xff" * 32, hello)
                    admitted = follows and (
                        (boot == 3 and hello) or (boot == 2 and sequence == 3 and not hello)
                    )
                    assert (verdict == replay.ADMIT) == admitted, (boot, sequence, follows, hello)


def test_a_heartbeat_counts_only_once_and_never_backwards():
    heard = replay.HeartbeatCounter()
    assert heard.judge(1, 0) == replay.ADMIT
    assert heard.judge(1, 0) == wire_errors.OLD_SEQUENCE
    assert heard.judge(1, 7) == replay.ADMIT
    assert heard.judge(1, 6) == wire_errors.OLD_SEQUENCE
    assert heard.judge(2, 0) == replay.ADMIT
    assert heard.judge(1, 8) == wire_errors.OLD_BOOT
    assert heard.judge(2, 1) == replay.ADMIT
