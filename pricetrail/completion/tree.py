"""The commands with their options and arguments, as far as completion needs to know them.

They are kept in `tree.json`, which is made from the commands themselves (`make completion`): to
load these for the name of an option would take longer than anybody waits for a key.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from pricetrail.completion import values

FILE = Path(__file__).with_name("tree.json")
_Described = Mapping[str, Any]


def program() -> click.Group:
    """The whole command line; its commands do nothing but complete."""
    described = json.loads(FILE.read_text(encoding="utf-8"))
    group = _command("pricetrail", described)
    assert isinstance(group, click.Group)  # noqa: S101 - as the file is made
    return group


def _command(name: str, described: _Described) -> click.Command:
    params = [_parameter(one) for one in described["params"]]
    settings = {"help_option_names": described["help"]}
    if "commands" not in described:
        return click.Command(
            name, params=params, short_help=described["summary"], context_settings=settings
        )
    group = _Group(
        name,
        commands={key: _command(key, one) for key, one in described["commands"].items()},
        params=params,
        short_help=described["summary"],
        context_settings=settings,
        # Else it would show its help.
        invoke_without_command=True,
    )
    group.usual = described.get("usual")
    return group


class _Group(click.Group):
    """A group; `usual` names the command that is meant where none is named."""

    usual: str | None = None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if self.usual and args and args[0] not in self.commands:
            args = [self.usual, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options; of the usual command its argument and options as well."""
        found = super().shell_complete(ctx, incomplete)
        if self.usual is None:
            return found
        usual = self.commands[self.usual]
        for param in usual.params:
            if isinstance(param, click.Argument) and not incomplete.startswith("-"):
                found += param.shell_complete(ctx, incomplete)
        return [one for one in found if one.value != self.usual]


def _parameter(described: _Described) -> click.Parameter:
    """An option or an argument whose values are completed by their kind."""
    kind = described.get("values", "")
    more: dict[str, Any] = {
        "type": click.Choice(described["choices"]) if "choices" in described else _TYPES.get(kind),
        "nargs": described["nargs"],
    }
    if complete := values.BY_KIND.get(kind):
        more["shell_complete"] = complete
    if described["names"][0].startswith("-"):
        option = {"is_flag": described["flag"], "multiple": described["multiple"]}
        if described["flag"]:
            del more["type"], more["nargs"]
        return click.Option(described["names"], help=described["help"], **more, **option)
    return click.Argument(described["names"], required=False, **more)


_TYPES = {"file": click.Path(dir_okay=False), "folder": click.Path()}
