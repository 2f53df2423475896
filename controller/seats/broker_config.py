"""What the broker may do and who may speak, as the text of a NATS server's configuration.

Promises: a user for each terminal that is enrolled and not revoked, named by the subject of its
certificate, with its own two topics to write and one to read; one user for the controller; nobody
else. NATS's own protocol serves nobody: every user is bound to MQTT. Bytes are bounded: a message
by ``MESSAGE_BYTES_MAX``, a connection's waiting output, the number of connections, the store.
"""

from __future__ import annotations

from pathlib import Path

from controller.seats.provisioning import CONTROLLER_SUBJECT, Register

# topic and payload together. Twice the largest message of the wire: what is a little too large is
# refused by name in the intake, what is much too large cuts the client.
MESSAGE_BYTES_MAX = 1024
_STORE_BYTES_MAX = 64 * 1024 * 1024


def render_config(
    register: Register, keys: Path, store: Path, mqtt_host: str, mqtt_port: int
) -> str:
    """The configuration of one hall's broker."""
    hall = register.hall
    terminals = [row.terminal for row in register.terminals if not row.revoked]
    users = [_controller_user(hall), *(_terminal_user(hall, name) for name in terminals)]
    return _TEMPLATE.format(
        hall=_quoted(hall),
        message_bytes_max=MESSAGE_BYTES_MAX,
        # a seat that comes back is there twice until its old connection is seen to be dead
        connections_max=2 * len(terminals) + 16,
        store=_quoted(str(store)),
        store_bytes_max=_STORE_BYTES_MAX,
        mqtt_host=_quoted(mqtt_host),
        mqtt_port=mqtt_port,
        certificate=_quoted(str(keys / "broker.crt")),
        key=_quoted(str(keys / "broker.key")),
        authority=_quoted(str(keys / "ca.crt")),
        users="\n".join(f"    {user}" for user in users),
    )


_TEMPLATE = """\
# Written by the controller at every start and revocation: changes made here are lost.
server_name: {hall}
host: "127.0.0.1"
port: -1
logtime: false
max_payload: {message_bytes_max}
max_pending: 262144
max_connections: {connections_max}
max_subscriptions: 8
max_control_line: 1024
write_deadline: "2s"
jetstream {{
  store_dir: {store}
  max_memory_store: 1048576
  max_file_store: {store_bytes_max}
}}
mqtt {{
  host: {mqtt_host}
  port: {mqtt_port}
  reject_qos2_publish: true
  tls {{
    cert_file: {certificate}
    key_file: {key}
    ca_file: {authority}
    verify_and_map: true
    timeout: 5
  }}
}}
authorization {{
  timeout: 5
  users: [
{users}
  ]
}}
"""


def _controller_user(hall: str) -> str:
    return _user(
        CONTROLLER_SUBJECT,
        publish=[f"hall.{hall}.seat.*.down"],
        subscribe=[f"hall.{hall}.seat.*.up", f"hall.{hall}.seat.*.alive"],
    )


def _terminal_user(hall: str, terminal: str) -> str:
    seat = f"hall.{hall}.seat.{terminal}"
    return _user(terminal, publish=[f"{seat}.up", f"{seat}.alive"], subscribe=[f"{seat}.down"])


def _user(subject: str, publish: list[str], subscribe: list[str]) -> str:
    return (
        f'{{user: {_quoted("CN=" + subject)}, allowed_connection_types: ["MQTT"], '
        f"permissions: {{publish: {{allow: {_list(publish)}}}, "
        f"subscribe: {{allow: {_list(subscribe)}}}}}}}"
    )


def _list(subjects: list[str]) -> str:
    return "[" + ", ".join(_quoted(subject) for subject in subjects) + "]"


def _quoted(text: str) -> str:
    """A string that cannot end early: the folder's name is the only free text in the file."""
    if any(character in text for character in '"\\\n\r'):
        raise ValueError(f"the broker's configuration cannot name {text!r}")
    return f'"{text}"'
