"""Reads one order out of a request's body: only the named fields, only in their bounds.

The shapes come from the commands themselves, so a command that is added to the core has its
endpoint, its checks and its place in the OpenAPI document at once.
"""

from __future__ import annotations

import typing
from typing import Annotated, Any, Final, TypeVar

import msgspec

from controller.core.commands import ChairCommand, Order
from controller.web.problems import Problem

_UUID: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_IDENTIFIER: Final = "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
_HOUR_MS: Final = 3_600_000

Shape = TypeVar("Shape")
OrderId = Annotated[
    str, msgspec.Meta(pattern=_UUID, description="made by the client, one for each order")
]
_BOUNDED: Final[dict[Any, Any]] = {
    str: Annotated[str, msgspec.Meta(pattern=_IDENTIFIER)],
    int: Annotated[int, msgspec.Meta(ge=0, le=_HOUR_MS)],
    int | None: Annotated[int, msgspec.Meta(ge=0, le=_HOUR_MS)] | None,
}


def _body_shape(command: type[ChairCommand]) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(command)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [("id", OrderId)]
    for field in msgspec.structs.fields(command):
        bounded = _BOUNDED[hints[field.name]]
        if field.required:
            fields.append((field.name, bounded))
        else:
            fields.append((field.name, bounded, field.default))
    return msgspec.defstruct(
        f"{command.__name__}Body",
        fields,
        frozen=True,
        forbid_unknown_fields=True,
        namespace={"__doc__": command.__doc__},
    )


COMMANDS: Final[dict[str, type[ChairCommand]]] = {
    str(command.__struct_config__.tag): command for command in typing.get_args(ChairCommand)
}
BODIES: Final[dict[str, type[msgspec.Struct]]] = {
    name: _body_shape(command) for name, command in COMMANDS.items()
}


def read_order(name: str, body: bytes, actor: str) -> Order:
    """The order in ``body``; a problem that says what is wrong with it otherwise."""
    values = msgspec.structs.asdict(read_json(body, BODIES[name]))
    identifier = values.pop("id")
    return Order(identifier, actor, COMMANDS[name](**values))


def read_json(body: bytes, shape: type[Shape]) -> Shape:
    """``body`` as ``shape``: bad JSON and wrong fields are told apart."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise Problem("wrong_fields", detail=str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem("bad_json", detail=str(error)) from error


def body_schema(name: str) -> dict[str, Any]:
    """The JSON schema of a command's body, whole in one piece."""
    (_, components) = msgspec.json.schema_components([BODIES[name]], ref_template="{name}")
    return dict(next(iter(components.values())))
