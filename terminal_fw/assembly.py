"""Puts one seat together: the composition root of the firmware.

Promises that the boot number is in flash before anything can be signed, and that nothing is made
at import time.
"""

import gc
import random

import machine

from protocol import topics
from protocol.messages import Hello
from terminal_fw.app import App
from terminal_fw.boards import seat_a as board
from terminal_fw.core.chain import Chain
from terminal_fw.core.debounce import Debounce
from terminal_fw.core.layout import Layout
from terminal_fw.core.outbox import Outbox
from terminal_fw.core.screens import Screens
from terminal_fw.core.seat import Seat
from terminal_fw.core.words import language_of
from terminal_fw.drivers import fonts as font_files
from terminal_fw.drivers.badge_reader import BadgeReader
from terminal_fw.drivers.buttons import Buttons
from terminal_fw.drivers.buzzer import Buzzer
from terminal_fw.drivers.clock import Uptime, now_ms
from terminal_fw.drivers.display import Display
from terminal_fw.drivers.lamps import Lamps
from terminal_fw.drivers.mqtt_link import Link, LinkSettings, tls_context
from terminal_fw.drivers.poller import POLLIN, Poller
from terminal_fw.drivers.secret_store import SecretStore
from terminal_fw.drivers.watchdog import Watchdog

FIRMWARE = "dobush-seat 0.1"
SECOND_MS = 1000


class Parts:
    """The drivers of one seat, by name."""

    now_ms = staticmethod(now_ms)
    wait_slice_ms = board.WAIT_SLICE_MS


def draw(limit: int) -> int:
    """A random number from 0 to limit - 1, for jitter only."""
    return random.getrandbits(24) % limit


def phase_ms(terminal: str) -> int:
    """Which part of a second is this seat's: the seats of a hall do not wake together."""
    total = 0
    for character in terminal:
        total = (total * 31 + ord(character)) & 0xFFFF
    return total * 617 % SECOND_MS


def screen() -> tuple:
    """(fonts, display) of this board; they need nothing else, so that faults can be shown."""
    folder = __file__.rsplit("/", 1)[0] + "/fonts"
    fonts = font_files.Fonts(folder)
    return fonts, Display(board, fonts)


def assemble(store: SecretStore, fonts, display) -> App:
    """The whole seat, ready to run. Raises StoreError when it was not enrolled."""
    settings = store.settings()
    mac_key = store.mac_key()
    seed = store.seed()
    start_ms = now_ms()
    phase = phase_ms(settings.terminal)
    parts = Parts()
    parts.display = display
    parts.layout = Layout(fonts, len(font_files.NAMES))
    parts.screens = Screens()
    parts.watchdog = Watchdog(board.WATCHDOG_MS)
    parts.uptime = Uptime(start_ms)
    parts.poller = Poller()
    parts.buttons = Buttons(board.BUTTON_PINS)
    parts.debounce = Debounce(len(board.BUTTON_PINS))
    parts.lamps = Lamps(board.LAMP_PINS)
    parts.buzzer = Buzzer(board.BUZZER_PIN)
    parts.reader = BadgeReader(board, start_ms, phase)
    parts.link = _link(settings, parts.poller)
    parts.poller.register(parts.buttons, POLLIN)
    parts.poller.register(parts.reader.uart, POLLIN)
    boot = store.next_boot()
    print("boot", boot, "of", settings.terminal, "reset cause", machine.reset_cause())
    chain = Chain(seed, settings.hall, settings.terminal, boot)
    hello = Hello(FIRMWARE, board.BOARD, machine.reset_cause())
    mind = Seat(chain, Outbox(draw), hello, language_of(settings.language))
    gc.collect()
    print("heap free", gc.mem_free())
    return App(parts, settings, mac_key, mind, start_ms, phase)


def _link(settings, poller) -> Link:
    files = []
    for path in (settings.ca_file, settings.certificate_file, settings.key_file):
        with open(path, "rb") as file:
            files.append(file.read())
    link_settings = LinkSettings(
        settings.broker_host,
        settings.broker_port,
        settings.broker_name,
        settings.client_id,
        topics.build(settings.hall, settings.terminal, topics.DOWN),
        topics.build(settings.hall, settings.terminal, topics.ALIVE),
        topics.LAST_WILL,
        tls_context(files[0], files[1], files[2]),
    )
    return Link(link_settings, poller, draw)
