"""Reads protocol/vectors on either interpreter."""

import json

from protocol.canonical_cbor import Tagged

_FOLDER = __file__.rpartition("/")[0] + "/../../../protocol/vectors/"


def load(path):
    """The whole of one vector file."""
    with open(_FOLDER + path, encoding="utf-8") as file:
        return json.load(file)


def value_of(plain):
    """The CBOR value that a JSON value of a vector stands for."""
    if isinstance(plain, list):
        return [value_of(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if "bytes" in plain:
        return bytes.fromhex(plain["bytes"])
    if "int" in plain:
        return int(plain["int"])
    if "tag" in plain:
        return Tagged(plain["tag"], value_of(plain["value"]))
    return {value_of(key): value_of(item) for key, item in plain["map"]}


def same(one, other):
    """Equality that tells True from 1 and a list from anything else, on either interpreter."""
    if one is None or one is True or one is False:
        return one is other
    if other is None or other is True or other is False:
        return False
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(one[index], other[index]) for index in range(len(one)))
        )
    if isinstance(one, Tagged):
        return isinstance(other, Tagged) and one.tag == other.tag and same(one.value, other.value)
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and same(one[key], other[key]) for key in one)
        )
    return type(one) is type(other) and one == other


def as_lists(value):
    """Named tuples and tuples as the lists that a decoder gives."""
    if isinstance(value, tuple):
        return [as_lists(item) for item in value]
    return value
