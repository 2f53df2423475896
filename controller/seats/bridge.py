"""The controller's own MQTT connection: what seats say comes in, what they must show goes out.

Promises: it judges nothing; every message is handed on with the instant of its arrival, in the
order in which the broker gave it, on the bridge's own thread; what it holds is bounded. After each
(re)connection it says so, and the hall publishes every view again: nothing that was waiting in a
dead connection is missed.
"""

from __future__ import annotations

import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from controller.seats.counts import RefusalCounts
from protocol import topics

_KEEP_ALIVE_S = 2
_CONNECT_S = 5.0
_BACK_OFF_S = (0.1, 0.2, 0.4, 0.8, 1.0)
_WAITING_VIEWS_MAX = 4_096
_HEARD = (topics.UP, topics.ALIVE)


class Bridge:
    """One paho client with a thread that keeps it connected."""

    def __init__(
        self,
        data: Path,
        hall: str,
        counts: RefusalCounts,
        *,
        host: str,
        port: int,
        now_ms: Callable[[], int],
        on_message: Callable[[str, bytes, int], None],
        on_connected: Callable[[], None],
        on_disconnected: Callable[[], None],
    ) -> None:
        """``on_*`` are called on the bridge's threads and must not block.

        ``on_message(topic, payload, arrival_ms)``; an exception in it ends the bridge: ``running``
        is then false, because a hall that cannot hear must not go on as if it did.
        """
        self._hall = hall
        self._counts = counts
        # a broker that listens on every address is reached on this machine's own
        self._address = ("127.0.0.1" if host in ("", "0.0.0.0", "::") else host, port)  # noqa: S104
        self._now_ms = now_ms
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_disconnected = on_disconnected
        self._stopping = threading.Event()
        self._lost = threading.Event()
        self._connected = threading.Event()
        self._failed = False
        self._waiting = 0
        self._lock = threading.Lock()
        self._keys = data / "keys"
        # a new one for each connection: paho leaves sockets behind when a client is used again
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._keep_connected, name="bridge", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect and wait for the threads."""
        self._stopping.set()
        with self._lock:
            self._client.disconnect()
            self._lost.set()
        if self._thread.is_alive():
            self._thread.join(_CONNECT_S)

    @property
    def connected(self) -> bool:
        """Whether the seats are heard: connected, subscribed and not yet lost again."""
        return self._connected.is_set()

    @property
    def running(self) -> bool:
        """False after a callback failed or ``stop``: nothing will be heard any more."""
        return self._thread.is_alive() and not self._failed

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait for a connection; False when there was none in time."""
        return self._connected.wait(timeout_s)

    def publish_view(self, terminal: str, payload: bytes) -> bool:
        """Hand a sealed view to the broker, retained. False: not connected, or too many wait.

        Safe from every thread. What a broken connection swallows is published again by the hall
        after ``on_connected``.
        """
        with self._lock:
            if not self._connected.is_set() or self._waiting >= _WAITING_VIEWS_MAX:
                return False
            self._waiting += 1
            client = self._client
        topic = topics.build(self._hall, terminal, topics.DOWN)
        client.publish(topic, payload, qos=0, retain=True)
        return True

    # --- the keeper's thread

    def _keep_connected(self) -> None:
        failures = 0
        while not self._stopping.is_set() and not self._failed:
            if self._connect_once():
                failures = 0
            self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
            failures += 1

    def _connect_once(self) -> bool:
        """Stay connected as long as it lasts; False when there was no connection."""
        client = self._make_client()
        with self._lock:
            self._client = client
            self._lost.clear()
        if self._stopping.is_set():
            return False
        try:
            client.connect(*self._address, keepalive=_KEEP_ALIVE_S)
        except OSError as error:
            self._counts.count("bridge_not_connected", "bridge", str(error))
            return False
        client.loop_start()
        was_connected = self._connected.wait(_CONNECT_S)
        if was_connected:
            self._lost.wait()
        client.loop_stop()
        self._forget_connection()
        return was_connected

    def _forget_connection(self) -> None:
        with self._lock:
            was_connected = self._connected.is_set()
            self._connected.clear()
            self._waiting = 0
        if was_connected:
            self._on_disconnected()

    def _make_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"controller-{secrets.token_hex(4)}",
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        context = ssl.create_default_context(cafile=str(self._keys / "ca.crt"))
        context.load_cert_chain(
            str(self._keys / "controller.crt"), str(self._keys / "controller.key")
        )
        # the hall's authority certifies one server only, under a name and not under an address;
        # OpenSSL still demands that the certificate is one for servers
        context.check_hostname = False
        client.tls_set_context(context)
        client.connect_timeout = _CONNECT_S
        client.on_socket_open = _send_at_once
        client.on_connect = self._connect_answered
        client.on_subscribe = self._subscription_answered
        client.on_disconnect = self._disconnected
        client.on_message = self._message_came
        client.on_publish = self._view_sent
        return client

    # --- called by paho on its own thread

    def _connect_answered(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._counts.count("bridge_not_connected", "bridge", str(reason))
            return
        client.subscribe([(f"hall/{self._hall}/seat/+/{one}", 0) for one in _HEARD])

    def _subscription_answered(
        self,
        client: Client,
        _userdata: Any,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        """Only now is everything heard that a seat says."""
        if any(reason.is_failure for reason in reasons):
            self._counts.count("bridge_not_connected", "bridge", "it may not hear the seats")
            client.disconnect()
            return
        self._connected.set()
        self._guarded(self._on_connected)

    def _disconnected(
        self,
        _client: Client,
        _userdata: Any,
        _flags: DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._lost.set()

    def _message_came(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        if message.retain:
            # somebody stored it in the broker to be heard again: never so with our seats
            self._counts.count("stored_message", "bridge", message.topic)
            return
        arrival_ms = self._now_ms()
        self._guarded(lambda: self._on_message(message.topic, bytes(message.payload), arrival_ms))

    def _view_sent(
        self,
        _client: Client,
        _userdata: Any,
        _mid: int,
        _reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        with self._lock:
            self._waiting = max(0, self._waiting - 1)

    def _guarded(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except BaseException:
            self._failed = True
            self._lost.set()
            raise


def _send_at_once(_client: Client, _userdata: Any, connection: Any) -> None:
    # without this, a small message may wait 40 ms for the acknowledgement of the one before it
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
