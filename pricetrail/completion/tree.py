"""The commands with their options and arguments, as far as completion needs to know them.

They are kept in `tree.json`, which is made from the commands themselves (`make completion`): to
load these for the name of an option would take longer than anybody waits for a key.
"""

import json
from pathlib import Path
from typing import NotRequired, TypedDict

import click
from click.shell_completion import CompletionItem

from pricetrail.completion import values

FILE = Path(__file__).with_name("tree.json")
_TYPES = {"file": click.Path(dir_okay=False), "folder": click.Path()}


class _Parameter(TypedDict):
    """An option or argument; `values` is the kind of them, where it has one."""

    names: list[str]
    nargs: int
    help: NotRequired[str | None]
    flag: NotRequired[bool]
    multiple: NotRequired[bool]
    choices: NotRequired[list[str]]
    values: NotRequired[str]


class _Described(TypedDict):
    """A command; a group has `commands`, and `usual` where one is meant that is not named."""

    summary: str
    help: list[str]
    params: list[_Parameter]
    commands: NotRequired[dict[str, "_Described"]]
    usual: NotRequired[str]


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


def _parameter(described: _Parameter) -> click.Parameter:
    """An option or an argument whose values are completed by their kind."""
    names, kind = described["names"], described.get("values", "")
    if described.get("flag"):
        return click.Option(names, is_flag=True, help=described.get("help"))
    choices, complete = described.get("choices"), values.BY_KIND.get(kind)
    of_type = click.Choice(choices) if choices else _TYPES.get(kind)
    if not names[0].startswith("-"):
        return click.Argument(
            names,
            required=False,
            nargs=described["nargs"],
            type=of_type,
            shell_complete=complete,
        )
    return click.Option(
        names,
        help=described.get("help"),
        multiple=described.get("multiple", False),
        nargs=described["nargs"],
        type=of_type,
        shell_complete=complete,
    )
