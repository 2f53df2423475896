"""The names of MQTT topics: hall/<hall>/seat/<terminal>/up, /alive and /down.

`up` carries a terminal's signed events, `alive` its heartbeats and last will, `down` its retained
view. The topic's ASCII bytes are authenticated together with every message.
"""

from collections import namedtuple

from protocol.limits import NAME_CHARACTERS_MAX, TOPIC_BYTES_MAX
from protocol.wire_errors import BAD_TEXT, FOREIGN_TOPIC, WireError

UP = "up"
DOWN = "down"
ALIVE = "alive"
DIRECTIONS = (UP, DOWN, ALIVE)

# the last will: one byte that means "gone"; it cannot be authenticated, so it is only a hint
LAST_WILL = b"\x00"

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"

Topic = namedtuple("Topic", ("hall", "terminal", "direction"))


def is_name(name) -> bool:
    """Whether `name` can name a hall or a terminal: [a-z0-9-], 1 to 16 characters."""
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        return False
    for character in name:
        if character not in _LETTERS:
            return False
    return True


def build(hall: str, terminal: str, direction: str) -> str:
    """The topic of one terminal in one direction."""
    if not is_name(hall) or not is_name(terminal):
        raise WireError(BAD_TEXT, "a hall's or terminal's name")
    if direction not in DIRECTIONS:
        raise WireError(FOREIGN_TOPIC, "no such direction")
    return "hall/" + hall + "/seat/" + terminal + "/" + direction


def parse(topic: str) -> Topic:
    """The parts of a topic of ours. Raises WireError for every other topic."""
    if len(topic) <= TOPIC_BYTES_MAX:
        parts = topic.split("/")
        if (
            len(parts) == 5
            and parts[0] == "hall"
            and parts[2] == "seat"
            and parts[4] in DIRECTIONS
            and is_name(parts[1])
            and is_name(parts[3])
        ):
            return Topic(parts[1], parts[3], parts[4])
    raise WireError(FOREIGN_TOPIC, "no topic of a seat")
