"""Listens to the seats' heartbeats beside the controller, for the free heap that each one tells."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from controller.seats.provisioning import load_terminal_keys
from protocol import sealed, topics
from protocol.wire_errors import WireError


class Heartbeats:
    """``heap_free`` holds, for each terminal, every value that it told, oldest first."""

    def __init__(self, data: Path, hall: str, port: int) -> None:
        """With the controller's certificate, which alone may hear the seats."""
        self.heap_free: dict[str, list[int]] = {}
        self.refused = 0
        self._keys = {name: keys.mac_key for name, keys in load_terminal_keys(data).items()}
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id="bench-heartbeats",
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        keys = data / "keys"
        context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        context.load_cert_chain(str(keys / "controller.crt"), str(keys / "controller.key"))
        context.check_hostname = False  # the hall's authority certifies one server only
        self._client.tls_set_context(context)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port, keepalive=30)
        self._client.subscribe(f"hall/{hall}/seat/+/{topics.ALIVE}")
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        terminal = topics.parse(message.topic).terminal
        try:
            beat = sealed.open_heartbeat(
                bytes(message.payload), self._keys[terminal], message.topic
            )
        except WireError:
            self.refused += 1  # a last will is one byte
            return
        self.heap_free.setdefault(terminal, []).append(beat.heap_free_bytes)
