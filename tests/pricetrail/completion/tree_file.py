"""The commands as completion knows them: `python -m tests.pricetrail.completion.tree_file`."""

import json
from typing import Any

import click

from pricetrail.catalog.events import TYPES
from pricetrail.cli import main
from pricetrail.completion.tree import FILE
from pricetrail.options import MONTH, REVISION, TIME, TIME_AHEAD
from pricetrail.queries.deliveries import STATES

# What a parameter takes, by its name.
_KINDS = {
    **dict.fromkeys(("source", "among", "old", "new"), "source"),
    "webhook": "webhook",
    "model": "model",
}
# And where the name says something else: below these commands.
_NAMES = {"poll": "source", "sources": "source", "webhooks": "webhook"}
_CHOICES = {"types": TYPES, "states": STATES}
_TIMES = (TIME, TIME_AHEAD, MONTH, REVISION)


def text() -> str:
    """The commands of this version, a line for each parameter."""
    described = _described(main, click.Context(main, info_name="pricetrail"), "")
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _described(command: click.Command, context: click.Context, under: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": command.get_short_help_str(200),
        "help": context.help_option_names,
        "params": [_parameter(one, under) for one in command.params],
    }
    if isinstance(command, click.Group):
        found["commands"] = {
            name: _described(inner, click.Context(inner, context), under or name)
            for name in command.list_commands(context)
            if (inner := command.get_command(context, name)) is not None
        }
        usual = getattr(command, "usual", None)
        if usual is not None:
            found["usual"] = usual
    return found


def _parameter(param: click.Parameter, under: str) -> dict[str, Any]:
    found: dict[str, Any] = {"names": [*param.opts, *param.secondary_opts], "nargs": param.nargs}
    if isinstance(param, click.Option):
        found |= {"help": param.help, "flag": param.is_flag, "multiple": param.multiple}
    choices = _CHOICES.get(str(param.name), getattr(param.type, "choices", None))
    if choices:
        found["choices"] = list(choices)
    elif isinstance(param.type, click.Path):
        found["values"] = "file" if not param.type.dir_okay else "folder"
    elif any(param.type is one for one in _TIMES):
        found["values"] = "time"
    elif param.name in ("name", "names") and under in _NAMES:
        found["values"] = _NAMES[under]
    elif param.name in _KINDS:
        found["values"] = _KINDS[param.name]
    return found


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
