"""Packets that a seat accepts and packets that it refuses, for both interpreters.

``python packet_vectors.py`` (or ``micropython``) checks them all, cut in every way, and prints the
number checked. The bytes are written by hand from the standard, not by the code under test.
"""

import sys

ROOM = 24  # bytes of the reader's buffer

# Name, bytes in hexadecimal, packets that must come out.
ACCEPTED = (
    ("connack", "20020000", [(2, 0)]),
    ("connack, refused", "20020005", [(2, 5)]),
    ("connack, session present", "20020100", [(2, 0)]),
    ("suback", "9003000100", [(9, 1, 0)]),
    ("suback, refused", "9003000180", [(9, 1, 0x80)]),
    ("pingresp", "d000", [(13,)]),
    ("publish", "3007000361 2f62 6869", [(3, b"a/b", b"hi")]),
    ("publish, retained", "3106000361 2f62 68", [(3, b"a/b", b"h")]),
    ("publish, empty payload", "3003000161", [(3, b"a", b"")]),
    ("publish, foreign alphabet", "30040002d196", [(3, b"\xd1\x96", b"")]),
    ("publish, fills the buffer", "3018000161" + "07" * 21, [(3, b"a", b"\x07" * 21)]),
    ("publish, one too large", "3019000161" + "07" * 22, [(16, 25)]),
    ("publish, length in two bytes", "308801000161" + "07" * 133, [(16, 136)]),
    ("publish, length of more bytes than needed", "30830000 0161", [(3, b"a", b"")]),
    ("three at once", "d00020020000d000", [(13,), (2, 0), (13,)]),
    ("after an oversized one", "3019000161" + "d0" * 22 + "d000", [(16, 25), (13,)]),
)

# Name, bytes in hexadecimal, reason of the refusal.
REFUSED = (
    ("reserved type 0", "00", "unexpected_packet"),
    ("connect from a broker", "10", "unexpected_packet"),
    ("puback, never asked for", "40020001", "unexpected_packet"),
    ("pubrec", "5002", "unexpected_packet"),
    ("pubrel", "6202", "unexpected_packet"),
    ("pubcomp", "7002", "unexpected_packet"),
    ("subscribe from a broker", "82", "unexpected_packet"),
    ("unsubscribe from a broker", "a2", "unexpected_packet"),
    ("unsuback, never asked for", "b0020001", "unexpected_packet"),
    ("pingreq from a broker", "c000", "unexpected_packet"),
    ("disconnect from a broker", "e000", "unexpected_packet"),
    ("reserved type 15", "f000", "unexpected_packet"),
    ("connack with flags", "21020000", "wrong_flags"),
    ("suback with flags", "9203000100", "wrong_flags"),
    ("pingresp with flags", "d100", "wrong_flags"),
    ("publish at quality 0 that says it is a repeat", "38", "wrong_flags"),
    ("publish at quality 1", "32", "wrong_quality_of_service"),
    ("publish at quality 2", "34", "wrong_quality_of_service"),
    ("publish at quality 3", "36", "wrong_quality_of_service"),
    ("a repeat at quality 1", "3a", "wrong_quality_of_service"),
    ("length of five bytes", "30ffffffff01", "endless_length"),
    ("length of five bytes, zero", "308080808000", "endless_length"),
    ("connack too short", "200100", "wrong_length"),
    ("connack too long", "2003000000", "wrong_length"),
    ("connack with an endless length", "20ffffffff", "endless_length"),
    ("suback without a grant", "90020001", "wrong_length"),
    ("suback of two topics", "900400010000", "wrong_length"),
    ("pingresp with a body", "d00100", "wrong_length"),
    ("connack with reserved bits", "20020200", "wrong_value"),
    ("connack refused with a session", "20020105", "wrong_value"),
    ("publish without a topic length", "3000", "wrong_length"),
    ("publish with half a topic length", "300100", "wrong_length"),
    ("publish with an empty topic", "3003000061", "wrong_topic"),
    ("publish whose topic is longer than itself", "3003000261", "wrong_topic"),
    ("publish whose topic is much longer", "3003ffff61", "wrong_topic"),
)


def unhex(text):
    return bytes.fromhex(text.replace(" ", ""))


def read_pieces(packets, data, piece):
    """All packets of ``data`` when it comes in pieces of so many bytes."""
    reader = packets.PacketReader(ROOM)
    found = []
    for start in range(0, len(data), piece):
        found.extend(reader.feed(memoryview(data)[start : start + piece]))
    return found


def refusal(packets, data, piece):
    """The reason why ``data`` is refused, or the packets that came out instead."""
    try:
        return read_pieces(packets, data, piece)
    except packets.MqttError as error:
        return error.reason


def check_all(packets):
    """Check every vector in every cutting; return how many checks were made."""
    checked = 0
    for name, text, expected in ACCEPTED + REFUSED:
        data = unhex(text)
        for piece in range(1, len(data) + 1):
            found = refusal(packets, data, piece)
            if found != expected:
                raise ValueError(f"{name} in pieces of {piece}: {found}")
            checked += 1
    return checked


if __name__ == "__main__":
    from terminal_fw.drivers import mqtt_packets

    print(check_all(mqtt_packets))
    sys.exit(0)
