"""A man page for each command: `python -m tests.packaging.man_pages FOLDER`."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from inspect import cleandoc
from pathlib import Path

import click
from click_man.core import generate_man_page

from pricetrail.cli import main

# What begins a line so is a command of roff's.
_COMMAND = re.compile(r"^(?=[.'])", re.MULTILINE)
# How click is told not to fold a paragraph.
_AS_IT_IS = re.compile(r"^[ \t]*\x08[ \t]*\n", re.MULTILINE)


def pages() -> Iterator[tuple[str, str]]:
    """The name of each page's file, and the page."""
    yield from _pages(main, None, "pricetrail")


def _pages(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[str, str]]:
    context = click.Context(command, parent=parent, info_name=name)
    below = _below(command, context)
    examples = command.epilog or ""
    _prepare(command)
    if isinstance(command, click.Group):
        # The command line loads a command when it is called; click-man lists those that there are.
        command.commands = {each: _prepare(inner) for each, inner in below.items()}
    path = context.command_path.replace(" ", "-")
    page = generate_man_page(context, version=version("pricetrail"))
    page = page.replace(f"See \\fB{context.command_path}-", f"See \\fB{path}-")
    yield f"{path}.1", page + _examples(examples) + _see_also(context)
    for each, inner in below.items():
        yield from _pages(inner, context, each)


def _below(command: click.Command, context: click.Context) -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {}
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return {name: inner for name, inner in found if inner is not None}


def _prepare(command: click.Command) -> click.Command:
    """Texts as roff reads them, which click-man leaves as they are, and summaries whole."""
    if command.short_help is None:
        command.short_help = _escaped(command.get_short_help_str(1000))
        command.help = _escaped(cleandoc(command.help or ""))
        for param in command.params:
            if isinstance(param, click.Option):
                param.help = _escaped(param.help or "")
    return command


def _escaped(text: str) -> str:
    return _COMMAND.sub(r"\\&", _AS_IT_IS.sub("", text).replace("\\", r"\e"))


def _examples(epilog: str) -> str:
    lines = _escaped(cleandoc(epilog)).splitlines()[1:]
    return "\n".join([".SH EXAMPLES", ".nf", *lines, ".fi", ""]) if lines else ""


def _see_also(context: click.Context) -> str:
    """The page above; of the first, which has none, the files. Those below are named already."""
    if context.parent is not None:
        above = context.parent.command_path.replace(" ", "-")
        return f".SH SEE ALSO\n\\fB{above}\\fP(1)\n"
    return (
        ".SH FILES\n.TP\n\\fBpricetrail.toml\\fP\nThe configuration, in the current folder, unless "
        "\\fB--config\\fP or \\fBPRICETRAIL_CONFIG\\fP names another.\n"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, page in pages():
        (folder / file).write_text(page, encoding="utf-8")
