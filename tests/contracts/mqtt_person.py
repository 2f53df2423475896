"""One MQTT client with (or without) a certificate, whose history a test can wait for."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

WITHIN_S = 8.0


def pem_pair(bundle: Path) -> tuple[Path, Path]:
    """A terminal's certificate and key as the PEM files that CPython's ssl reads."""
    certificate = x509.load_der_x509_certificate((bundle / "client.der").read_bytes())
    key = serialization.load_der_private_key((bundle / "client_key.der").read_bytes(), None)
    (bundle / "client.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (bundle / "client_key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return bundle / "client.pem", bundle / "client_key.pem"


class MqttPerson:
    """Connects once; everything that happens is kept in ``messages`` and the flags."""

    def __init__(
        self,
        port: int,
        authority: Path,
        pair: tuple[Path, Path] | None,
        client_id: str,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self.connected = False
        self.refused = False
        self.lost = False
        self._granted: list[bool] = []
        self._news = threading.Condition()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        context = ssl.create_default_context(cafile=str(authority))
        if pair is not None:
            context.load_cert_chain(*map(str, pair))
        self._client.tls_set_context(context)
        if will is not None:
            self._client.will_set(*will)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        try:
            self._client.connect("127.0.0.1", port, keepalive=2)
        except OSError:
            self.refused = True
            return
        self._client.loop_start()
        self.wait(lambda: self.connected or self.refused or self.lost)

    def subscribe(self, topic: str) -> bool:
        """Whether the broker granted it."""
        count = len(self._granted)
        self._client.subscribe(topic, 0)
        self.wait(lambda: len(self._granted) > count or self.lost)
        return self._granted[count] if len(self._granted) > count else False

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=0, retain=retain)

    def payloads(self, topic: str) -> list[bytes]:
        with self._news:
            return [payload for at, payload, _ in self.messages if at == topic]

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Whether the condition came true in time."""
        deadline = time.monotonic() + WITHIN_S
        with self._news:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
        return True

    def cut(self) -> None:
        """End the connection as a power cut does: without a goodbye."""
        connection = self._client.socket()
        assert connection is not None
        connection.shutdown(2)
        self.wait(lambda: self.lost)
        self._client.loop_stop()

    def close(self) -> None:
        """Say goodbye; safe to repeat and after a refusal."""
        if self._client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.wait(lambda: self.lost)
        self._client.loop_stop()

    def _tell(self, change: Callable[[], None]) -> None:
        with self._news:
            change()
            self._news.notify_all()

    def _on_connect(self, _c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        name = "refused" if reason.is_failure else "connected"
        self._tell(lambda: setattr(self, name, True))

    def _on_disconnect(self, _c: Any, _u: Any, _f: Any, _reason: Any, _p: Any) -> None:
        self._tell(lambda: setattr(self, "lost", True))

    def _on_message(self, _c: Any, _u: Any, message: Any) -> None:
        entry = (message.topic, bytes(message.payload), bool(message.retain))
        self._tell(lambda: self.messages.append(entry))

    def _on_subscribe(self, _c: Any, _u: Any, _mid: Any, reasons: Any, _p: Any) -> None:
        self._tell(lambda: self._granted.append(not reasons[0].is_failure))
