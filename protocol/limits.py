"""Every maximum on the wire, in one place.

Numbers only: whoever receives a message compares with these before doing work in proportion
to it. Changing one changes the protocol: SPEC.md, messages.cddl and the vectors change with it.
"""

WIRE_VERSION = 1

# whole messages, envelope included
EVENT_BYTES_MAX = 256
HEARTBEAT_BYTES_MAX = 128
VIEW_BYTES_MAX = 512
MESSAGE_BYTES_MAX = VIEW_BYTES_MAX

CBOR_DEPTH_MAX = 6

UINT8_MAX = 0xFF
UINT16_MAX = 0xFFFF
UINT32_MAX = 0xFFFFFFFF
UINT64_MAX = 0xFFFFFFFFFFFFFFFF

HASH_BYTES = 32
SIGNATURE_BYTES = 64
MAC_BYTES = 32
MAC_KEY_BYTES = 32
PUBLIC_KEY_BYTES = 32
SEED_BYTES = 32

# names in a topic: [a-z0-9-], this many characters
NAME_CHARACTERS_MAX = 16
TOPIC_BYTES_MAX = 49

# fields of messages
FIRMWARE_BYTES_MAX = 24
BOARD_BYTES_MAX = 24
BADGE_BYTES_MIN = 4
BADGE_BYTES_MAX = 10
DETAIL_BYTES_MAX = 64
SITTER_NAME_BYTES_MAX = 80
TITLE_BYTES_MAX = 150
NOTICES_MAX = 4
OUTBOX_EVENTS_MAX = 16

# how many of its newest events the controller can tell a repeat from a fork
REPLAY_WINDOW_EVENTS = 32
