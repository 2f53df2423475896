"""The closed list of reasons for which a message is refused before the rules of a sitting see it.

A number once used is never reused. WireError carries the reason and, for the technician's log,
what was offending; never a key and never a choice.
"""

OVERSIZED = 1  # more bytes than this kind of message may have
TRUNCATED = 2  # the bytes end inside an item
TRAILING_BYTES = 3  # bytes after the item
MALFORMED_CBOR = 4  # not CBOR, or CBOR outside our subset
NOT_DETERMINISTIC = 5  # the same value has a shorter or better ordered encoding
WRONG_ENVELOPE = 6  # not the COSE structure, algorithm or tag that this topic demands
WRONG_VERSION = 7
UNKNOWN_TYPE = 8
WRONG_SHAPE = 9  # an array of another length, or a value of another kind
OUT_OF_RANGE = 10  # right kind, wrong size
BAD_TEXT = 11  # not UTF-8, or characters that this text may not have
FOREIGN_TOPIC = 12  # the topic is no topic of ours, or not the sender's own
BAD_SIGNATURE = 13
BAD_MAC = 14
UNKNOWN_TERMINAL = 15
REVOKED_TERMINAL = 16
OLD_BOOT = 17  # a boot before the newest known: a replay or a clone
OLD_SEQUENCE = 18  # a number that was passed long ago
FORKED_SEQUENCE = 19  # a known number on other bytes: a clone
BROKEN_CHAIN = 20  # does not name the event before it
RATE_LIMITED = 21

NAMES = {
    OVERSIZED: "oversized",
    TRUNCATED: "truncated",
    TRAILING_BYTES: "trailing_bytes",
    MALFORMED_CBOR: "malformed_cbor",
    NOT_DETERMINISTIC: "not_deterministic",
    WRONG_ENVELOPE: "wrong_envelope",
    WRONG_VERSION: "wrong_version",
    UNKNOWN_TYPE: "unknown_type",
    WRONG_SHAPE: "wrong_shape",
    OUT_OF_RANGE: "out_of_range",
    BAD_TEXT: "bad_text",
    FOREIGN_TOPIC: "foreign_topic",
    BAD_SIGNATURE: "bad_signature",
    BAD_MAC: "bad_mac",
    UNKNOWN_TERMINAL: "unknown_terminal",
    REVOKED_TERMINAL: "revoked_terminal",
    OLD_BOOT: "old_boot",
    OLD_SEQUENCE: "old_sequence",
    FORKED_SEQUENCE: "forked_sequence",
    BROKEN_CHAIN: "broken_chain",
    RATE_LIMITED: "rate_limited",
}


class WireError(Exception):
    """A message is refused: `reason` is one of the numbers above, `name` its word."""

    def __init__(self, reason: int, detail: str = "") -> None:
        """Keep what the log needs; `detail` is short and holds no secret."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    @property
    def name(self) -> str:
        """The stable word for the reason."""
        return NAMES[self.reason]

    def __str__(self) -> str:
        """Word and detail, for a log line."""
        return self.name + (": " + self.detail if self.detail else "")
