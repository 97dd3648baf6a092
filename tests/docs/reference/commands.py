"""`docs/reference/commands.md`: every command with its options, as its `--help` has them."""

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from pricetrail.cli import main
from pricetrail.commands.registry import GROUPS, REGISTRY
from tests.docs.reference import page, table

_LEAD = """\
What each command takes, as `pricetrail COMMAND --help` says it. What they are for, with the
exit codes and the shapes of their JSON, is in [Commands](../commands.md)."""

_HELP = "Show this message and exit."


def text() -> str:
    """The page."""
    context = click.Context(main, info_name="pricetrail", **main.context_settings)
    parts = ["## Before the command", _options(context)]
    for group in GROUPS:
        parts.append(f"## {group}")
        for entry in REGISTRY:
            if entry.group == group:
                command = main.get_command(context, entry.name)
                assert command is not None
                parts += _command(context, entry.name, command)
    return page("Every command and option", _LEAD, parts)


def _command(parent: click.Context, name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, parent=parent, info_name=name)
    usage = command.collect_usage_pieces(context)
    depth = "#" * (2 + len(context.command_path.split()) - 1)
    yield f"{depth} {context.command_path.removeprefix('pricetrail ')}"
    yield f"```console\n$ {' '.join([context.command_path, *usage])}\n```"
    yield _paragraphs(command.help or "")
    if options := _options(context):
        yield options
    if command.epilog:
        yield _examples(command.epilog)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            yield from _command(context, sub, found)


def _options(context: click.Context) -> str:
    records = (option.get_help_record(context) for option in context.command.get_params(context))
    rows = [(_names(names), words) for names, words in filter(None, records)]
    return table(("option", "does"), [row for row in rows if row[1] and row[1] != _HELP])


def _names(names: str) -> str:
    """A choice is told as its words: within a table their bars would end a cell."""
    before, bracket, choices = names.removesuffix("]").partition(" [")
    if "|" not in choices:
        return f"`{names}`"
    words = ", ".join(f"`{choice}`" for choice in choices.split("|"))
    return f"`{before}` {words}" if bracket else f"`{names}`"


def _paragraphs(text: str) -> str:
    """A help's own marks are click's: `\\b` begins what keeps its lines."""
    parts = re.split(r"\n\s*\n", cleandoc(text))
    return "\n\n".join(
        f"```text\n{cleandoc(part.partition(chr(8))[2].lstrip())}\n```" if "\b" in part else part
        for part in parts
    )


def _examples(epilog: str) -> str:
    _, _, lines = cleandoc(epilog.replace("\b\n", "")).partition("\n")
    return f"```text\n{cleandoc(lines)}\n```"
