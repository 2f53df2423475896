"""A whole message in one step: object to sealed bytes for a topic, and back.

The order of checks in `open_*` is the order of SPEC.md: size, CBOR, envelope, signature or MAC,
shape, and last that the message names the terminal whose topic it came by.
"""

from protocol import envelope, messages, topics
from protocol.limits import EVENT_BYTES_MAX, HEARTBEAT_BYTES_MAX, VIEW_BYTES_MAX
from protocol.wire_errors import FOREIGN_TOPIC, WireError


def seal_event(seed: bytes, event: messages.Event, topic: str) -> bytes:
    """A signed event for its terminal's own `up` topic."""
    _own(event.terminal, topic, topics.UP)
    return envelope.sign1(seed, messages.encode_event(event), topic)


def open_event(data: bytes, topic: str, verify) -> messages.Event:
    """The event in `data`; `verify(message, signature) -> bool` holds the terminal's key."""
    event = messages.decode_event(envelope.open_sign1(data, topic, verify, EVENT_BYTES_MAX))
    _own(event.terminal, topic, topics.UP)
    return event


def seal_heartbeat(key: bytes, heartbeat: messages.Heartbeat, topic: str) -> bytes:
    """A heartbeat for its terminal's own `alive` topic."""
    _own(heartbeat.terminal, topic, topics.ALIVE)
    payload = messages.encode_heartbeat(heartbeat)
    return envelope.mac0(key, payload, topic, HEARTBEAT_BYTES_MAX)


def open_heartbeat(data: bytes, key: bytes, topic: str) -> messages.Heartbeat:
    """The heartbeat in `data`."""
    payload = envelope.open_mac0(data, key, topic, HEARTBEAT_BYTES_MAX)
    heartbeat = messages.decode_heartbeat(payload)
    _own(heartbeat.terminal, topic, topics.ALIVE)
    return heartbeat


def seal_view(key: bytes, view: messages.View, topic: str) -> bytes:
    """A view for its terminal's `down` topic."""
    _own(view.terminal, topic, topics.DOWN)
    return envelope.mac0(key, messages.encode_view(view), topic, VIEW_BYTES_MAX)


def open_view(data: bytes, key: bytes, topic: str) -> messages.View:
    """The view in `data`."""
    view = messages.decode_view(envelope.open_mac0(data, key, topic, VIEW_BYTES_MAX))
    _own(view.terminal, topic, topics.DOWN)
    return view


def _own(terminal: str, topic: str, direction: str) -> None:
    parts = topics.parse(topic)
    if parts.terminal != terminal or parts.direction != direction:
        raise WireError(FOREIGN_TOPIC, "another terminal's topic or another direction")
