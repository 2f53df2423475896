"""The link over a network in memory: never waits, comes back, keeps its bounds."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator

import pytest

from terminal_fw.drivers import mqtt_packets as packets
from tests.terminal_fw.link.fake_network import POLLERR, POLLHUP, POLLIN, POLLOUT, Network, Poller

sys.modules.setdefault("tls", types.ModuleType("tls"))  # only MicroPython has it
from terminal_fw.drivers import mqtt_link  # noqa: E402
from terminal_fw.drivers.mqtt_link import Link, LinkSettings  # noqa: E402

CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x00"
CONNECT = packets.connect("s01", 5, "a/w", b"\x00")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    network = Network()
    monkeypatch.setattr(mqtt_link, "socket", network)
    monkeypatch.setattr(mqtt_link, "select", network)
    yield network


def settings(network: Network, host: str = "127.0.0.1") -> LinkSettings:
    return LinkSettings(host, 8883, "controller.dobush", "s01", "a/d", "a/w", b"\x00", network)


def make(network: Network, below: Callable[[int], int] = lambda n: 0) -> tuple[Link, Poller]:
    poller = Poller(network)
    return Link(settings(network), poller, below), poller


def bring_up(network: Network, link: Link, now_ms: int = 0) -> None:
    network.reads.append(CONNACK + SUBACK)
    link.step(now_ms)
    assert link.connected
    network.offered.clear()
    network.written = b""


def test_only_an_address_is_taken_as_a_host_because_a_look_up_blocks(network: Network) -> None:
    for host in ("controller.dobush", "256.1.1.1", "1.2.3", ""):
        with pytest.raises(ValueError, match="IPv4"):
            Link(settings(network, host), Poller(network), lambda n: 0)


def test_nothing_happens_before_the_first_step_and_then_it_connects_without_waiting(
    network: Network,
) -> None:
    network.ready = 0
    link, poller = make(network)
    assert link.next_deadline_ms(7) == 7
    assert network.sockets == []
    assert link.step(10) == []
    plain = network.sockets[0]
    assert poller.registered == {plain: POLLOUT}
    assert (6, 1, 1) in plain.options  # TCP_NODELAY
    assert link.next_deadline_ms(11) == 10 + mqtt_link.CONNECT_MS
    assert link.step(12) == []
    assert network.offered == []


def test_a_connect_that_is_never_answered_is_given_up(network: Network) -> None:
    network.ready = 0
    link, poller = make(network)
    link.step(0)
    link.step(1499)
    assert link.last_failure == ""
    link.step(1500)
    assert link.last_failure == "connect_timeout"
    assert poller.registered == {}
    assert network.sockets[0].closed
    assert link.next_deadline_ms(1500) == 1700
    link.step(1699)
    assert link.attempts == 1
    link.step(1700)
    assert link.attempts == 2


@pytest.mark.parametrize("event", [POLLERR, POLLHUP, POLLERR | POLLHUP | POLLOUT])
def test_a_refused_connect_is_seen_at_once(network: Network, event: int) -> None:
    network.ready = event
    link, poller = make(network)
    link.step(0)
    assert (link.last_failure, poller.registered) == ("connect_failed", {})


def test_the_handshake_repeats_the_same_bytes_and_waits_for_the_broker_only(
    network: Network,
) -> None:
    network.writes = [None, None, None]
    link, poller = make(network)
    for now_ms in (0, 5):
        link.step(now_ms)
        assert list(poller.registered.values()) == [POLLIN]
    assert network.server_names == ["controller.dobush"]
    assert set(network.offered) == {CONNECT}
    assert network.reads_made == 0
    bring_up(network, link, 10)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ValueError("CN does not match"), "broker_certificate_refused"),
        (OSError(-0x2700, "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"), "broker_certificate_refused"),
        (OSError(104), "connection_broken"),
        (OSError(-0x7780, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE"), "connection_broken"),
    ],
)
def test_a_broker_that_is_not_ours_gets_nothing(
    network: Network, error: Exception, name: str
) -> None:
    network.writes = [None, error]
    link, poller = make(network)
    link.step(0)
    link.step(20)
    assert link.last_failure == name
    assert network.written == b""
    assert poller.registered == {}
    assert not link.connected


def test_only_the_plain_socket_is_waited_for_because_a_tls_stream_makes_some_ports_spin(
    network: Network,
) -> None:
    link, poller = make(network)
    bring_up(network, link)
    assert poller.registered == {network.sockets[0]: POLLIN}


def test_a_handshake_that_is_never_answered_is_given_up(network: Network) -> None:
    network.writes = [None] * 9
    link, _ = make(network)
    link.step(0)
    assert link.next_deadline_ms(0) == 3500
    link.step(3500)
    assert link.last_failure == "handshake_timeout"


def test_messages_are_read_until_nothing_is_left_even_inside_tls(network: Network) -> None:
    link, _ = make(network)
    bring_up(network, link)
    one = packets.publish("a/d", b"view")
    network.reads = [one[:3], one[3:] + one[:1], one[1:], None]
    assert link.step(5) == [("a/d", b"view")] * 2
    assert link.next_deadline_ms(5) > 5


def test_a_flood_is_read_in_bounded_pieces_and_the_link_asks_to_be_called_again(
    network: Network,
) -> None:
    link, _ = make(network)
    bring_up(network, link)
    network.reads = [packets.publish("a/d", b"v") * 2000]
    network.reads_made = 0
    messages = len(link.step(5))
    assert network.reads_made == mqtt_link.READS_PER_STEP_MAX
    assert link.next_deadline_ms(6) == 6
    while network.reads:
        messages += len(link.step(6))
    assert messages == 2000


def test_a_stuck_write_is_repeated_unchanged_and_wakes_the_program_when_it_can_go_on(
    network: Network,
) -> None:
    link, poller = make(network)
    bring_up(network, link)
    network.writes = [3, None]
    assert link.publish("a/u", b"event one")
    whole = packets.publish("a/u", b"event one")
    assert network.offered == [whole, whole[3:]]
    assert list(poller.registered.values()) == [POLLIN | POLLOUT]
    network.writes = [None]
    assert link.publish("a/u", b"event two")
    assert network.offered[-1] == whole[3:]
    link.step(5)
    assert network.written == whole + packets.publish("a/u", b"event two")
    assert list(poller.registered.values()) == [POLLIN]


def test_a_full_send_buffer_refuses_and_the_link_goes_on(network: Network) -> None:
    link, _ = make(network)
    bring_up(network, link)
    network.writes = [None] * 50
    answers = [link.publish("a/u", bytes(300)) for _ in range(9)]
    assert answers == [True] * 6 + [False] * 3
    assert link.connected
    network.writes = []
    link.step(5)
    assert link.publish("a/u", bytes(300))


def test_a_break_found_while_publishing_is_told_by_the_next_step(network: Network) -> None:
    link, poller = make(network)
    bring_up(network, link)
    network.writes = [OSError(32)]
    assert link.publish("a/u", b"x") is False
    assert not link.connected
    assert link.publish("a/u", b"x") is False
    assert link.next_deadline_ms(9) == 9
    link.step(9)
    assert link.last_failure == "connection_broken"
    assert poller.registered == {}
    assert link.next_deadline_ms(9) > 9


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (b"", "closed_by_broker"),
        (OSError(104), "connection_broken"),
        (b"\x32", "wrong_quality_of_service"),
        (b"\xff", "unexpected_packet"),
    ],
)
def test_the_end_of_a_connection_is_named_and_everything_is_closed(
    network: Network, found: bytes | Exception, name: str
) -> None:
    link, poller = make(network)
    bring_up(network, link)
    network.close_error = OSError(9)
    network.reads = [found]
    assert link.step(5) == []
    assert (link.connected, link.last_failure, poller.registered) == (False, name, {})
    assert all(one.closed for one in network.sockets)


def test_what_was_read_before_the_end_is_not_lost(network: Network) -> None:
    link, _ = make(network)
    bring_up(network, link)
    network.reads = [packets.publish("a/d", b"last"), b""]
    assert link.step(5) == [("a/d", b"last")]
    assert not link.connected


def pauses(network: Network, below: Callable[[int], int], count: int = 8) -> list[int]:
    network.ready = POLLERR
    link, _ = make(network, below)
    now_ms, found = 0, []
    for _ in range(count):
        link.step(now_ms)
        next_ms = link.next_deadline_ms(now_ms)
        assert next_ms is not None
        found.append(next_ms - now_ms)
        now_ms = next_ms
    return found


def test_pauses_grow_to_their_limit_and_are_spread_over_half_of_themselves(
    network: Network,
) -> None:
    assert pauses(network, lambda n: 0) == [200, 400, 800, 1500, 1500, 1500, 1500, 1500]
    assert pauses(network, lambda n: n - 1) == [400, 800, 1600, 3000, 3000, 3000, 3000, 3000]
    assert mqtt_link.RETRY_MAX_MS == 3000


def test_a_long_attempt_is_followed_by_a_short_pause(network: Network) -> None:
    """Goal: back within 5 s of the return of a broker that was frozen, not refused."""
    network.writes = [None] * 99
    link, _ = make(network, lambda n: n - 1)
    now_ms, longest = 0, 0
    for _ in range(12):
        link.step(now_ms)
        next_ms = link.next_deadline_ms(now_ms)
        assert next_ms is not None
        longest = max(longest, next_ms - now_ms)
        now_ms = next_ms
    assert longest == 3500
    assert link.attempts == 6
    assert longest + 400 < 5000


def test_a_steady_connection_starts_the_pauses_anew_and_a_short_one_does_not(
    network: Network,
) -> None:
    for lasted_ms, pause_ms in ((2000, 200), (1999, 800)):
        network.ready = POLLERR
        link, _ = make(network)
        link.step(0)
        link.step(200)
        network.ready = POLLOUT
        bring_up(network, link, 600)
        network.reads = [b""]
        link.step(600 + lasted_ms)
        start_ms = 600 + lasted_ms
        expected = max(start_ms + 200, 600 + pause_ms)
        assert link.next_deadline_ms(start_ms) == expected
        if lasted_ms == 1999:
            network.ready = POLLERR
            link.step(expected)
            assert link.next_deadline_ms(expected) == expected + 1500
        else:
            network.ready = POLLERR
            link.step(expected)
            assert link.next_deadline_ms(expected) == expected + 400


def test_closing_says_good_bye_and_stays_closed(network: Network) -> None:
    link, poller = make(network)
    bring_up(network, link)
    link.close()
    assert network.written == packets.DISCONNECT_BYTES
    assert poller.registered == {}
    assert link.next_deadline_ms(5) is None
    assert link.step(9999) == []
    assert (link.attempts, link.connected) == (1, False)
    assert link.publish("a/u", b"x") is False


def test_closing_in_the_middle_of_a_packet_or_of_nothing_says_no_word(network: Network) -> None:
    link, _ = make(network)
    bring_up(network, link)
    network.writes = [3, None]
    link.publish("a/u", b"event")
    link.close()
    assert len(network.written) == 3
    unborn, _ = make(network)
    unborn.close()
    assert unborn.next_deadline_ms(0) is None


def test_messages_that_are_too_large_or_foreign_are_counted_over_all_connections(
    network: Network,
) -> None:
    link, _ = make(network)
    for round_number in (1, 2):
        bring_up(network, link, round_number * 10_000)
        network.reads = [packets.publish("a/d", bytes(900)) + packets.publish("a/x", b""), b""]
        assert link.step(round_number * 10_000 + 5) == []
        assert (link.oversized, link.foreign) == (round_number, round_number)
    assert link.connections == 2


def test_a_silent_broker_is_pinged_and_given_up(network: Network) -> None:
    link, _ = make(network)
    bring_up(network, link)
    assert link.next_deadline_ms(1) == 2000
    link.step(2000)
    assert network.written == packets.PINGREQ_BYTES
    link.step(3500)
    assert link.last_failure == "no_ping_answer"
