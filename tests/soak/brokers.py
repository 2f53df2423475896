"""Real brokers as child processes that the soak test may freeze, kill and start again.

Promises: loopback and free ports only; nothing is left running or on disk outside the given folder.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from tests.soak.certificates import Pair

READY_WITHIN_S = 20.0


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """Where a program is: beside this interpreter, on the path, or where Debian keeps daemons."""
    places = os.pathsep.join(
        (str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin")
    )
    return shutil.which(name, path=places)


class Broker:
    """One broker with mutual TLS; ``kind`` is ``nats`` or ``mosquitto``."""

    def __init__(
        self, kind: str, folder: Path, server: Pair, authority: Pair, port: int | None = None
    ) -> None:
        self.kind = kind
        self.port = free_port() if port is None else port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        server.write_pem(folder, "server")
        authority.write_pem(folder, "ca")
        (folder / "broker.conf").write_text(self._configuration())

    def start(self) -> None:
        """Start the broker and wait until its port answers."""
        binary = program({"nats": "nats-server", "mosquitto": "mosquitto"}[self.kind])
        if binary is None:
            raise FileNotFoundError(self.kind)
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary, "-c", str(self._folder / "broker.conf")],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        limit = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError((self._folder / "broker.log").read_text()[-2000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop the process: the kernel still accepts connections for it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """What the broker wrote."""
        return (self._folder / "broker.log").read_text(errors="replace")

    def _signal(self, number: int) -> None:
        if self._process is None:
            raise RuntimeError("the broker is not running")
        self._process.send_signal(number)

    def _answers(self) -> bool:
        context = ssl.create_default_context(cafile=str(self._folder / "ca.crt"))
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as plain,
                context.wrap_socket(plain),
            ):
                return True
        except OSError:
            return False

    def _configuration(self) -> str:
        folder = self._folder
        if self.kind == "mosquitto":
            return (
                f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1\n"
                f"cafile {folder}/ca.crt\ncertfile {folder}/server.crt\n"
                f"keyfile {folder}/server.key\n"
                "require_certificate true\nuse_identity_as_username true\nallow_anonymous false\n"
                "set_tcp_nodelay true\npersistence false\nlog_dest stderr\nlog_type all\n"
            )
        users = ", ".join(f'{{user: "CN={name}"}}' for name in ("s01", "observer"))
        return (
            f'server_name: soak\nhost: "127.0.0.1"\nport: {free_port()}\n'
            f'jetstream {{ store_dir: "{folder}/store" }}\n'
            f"authorization {{ users: [ {users} ] }}\n"
            f'mqtt {{ host: "127.0.0.1", port: {self.port}\n'
            f'  tls {{ cert_file: "{folder}/server.crt", key_file: "{folder}/server.key"\n'
            f'    ca_file: "{folder}/ca.crt", verify_and_map: true }} }}\n'
        )
