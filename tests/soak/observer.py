"""The controller's side of the soak test: hears the events and answers with the number settled."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import paho.mqtt.client as mqtt

TOPIC = "hall/soak/seat/s01/"


class Observer:
    """An MQTT client beside the seat. ``numbers``: every event heard; ``wills``: last wills."""

    def __init__(self, port: int, folder: Path) -> None:
        self.numbers: set[int] = set()
        self.repeats = 0
        self.wills = 0
        self._settled = 0
        self._ready = threading.Event()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="observer")
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        context.check_hostname = False
        context.load_cert_chain(str(folder / "observer.crt"), str(folder / "observer.key"))
        self._client.tls_set_context(context)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port, keepalive=30)
        self._client.loop_start()
        if not self._ready.wait(10):
            raise AssertionError("the observer was not let in")

    def send_down(self, payload: bytes) -> None:
        """Publish something on the seat's own topic."""
        self._client.publish(TOPIC + "down", payload, qos=0)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe([(TOPIC + "up", 0), (TOPIC + "alive", 0)])
        self._answer()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic == TOPIC + "alive":
            self.wills += message.payload == b"\x00"
            return
        number = int.from_bytes(message.payload[:4], "big")
        self.repeats += number in self.numbers
        self.numbers.add(number)
        while self._settled + 1 in self.numbers:
            self._settled += 1
        self._answer()

    def _answer(self) -> None:
        payload = self._settled.to_bytes(4, "big") + bytes(400)  # as large as a view
        self._client.publish(TOPIC + "down", payload, qos=0, retain=True)
