"""Runs first after a reset: brings up what main.py needs. Kept so small that it cannot fail."""

from terminal_fw.drivers import network_port

network_port.start()
