"""The chair's steps as plain data, for the chair's page."""

from __future__ import annotations

import msgspec

from controller.core.commands import command_name
from controller.core.state import Sitting
from controller.core.steps import Step, next_steps


def chair_steps(sitting: Sitting, now_ms: int) -> dict[str, object]:
    """``{"primary": step | None, "others": [step, ...]}``; see the README for a step's fields."""
    steps = next_steps(sitting, now_ms)
    return {
        "primary": None if steps.primary is None else _step(steps.primary),
        "others": [_step(step) for step in steps.others],
    }


def _step(step: Step) -> dict[str, object]:
    fields = msgspec.to_builtins(step.command)
    del fields["name"]
    return {
        "command": command_name(step.command),
        "fields": fields,
        "allowed": step.allowed,
        "reason": None if step.reason is None else step.reason.value,
        "key": step.key,
        "shows": step.shows,
        "values": step.values,
    }
