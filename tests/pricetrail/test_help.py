"""The help of every command, at 80 columns."""

from collections.abc import Iterator

import click
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.help import Command, Group


def every_command(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert isinstance(inner, Command | Group)
            yield from every_command(inner, (*path, name))


def helped(*path: str, command: click.Command = main) -> str:
    shown = CliRunner().invoke(
        command, [*path, "--help"], prog_name="pricetrail", terminal_width=80
    )
    assert shown.exit_code == 0
    return shown.output


def test_no_line_is_too_long_no_summary_cut_and_each_has_an_example() -> None:
    for path in every_command(main, ()):
        shown = helped(*path)
        assert max(map(len, shown.splitlines())) <= 80, path
        assert "Example" in shown, path
        cut = [line for line in shown.splitlines() if line.endswith("...")]
        assert all(line.startswith("Usage: ") for line in cut), path


def test_the_whole_first_sentence_tells_of_a_command_below() -> None:
    assert "  replay  Send again what was owed in a range of time, in order, with the same\n" in (
        helped("deliveries")
    )


def test_many_options_are_in_groups_and_few_in_one() -> None:
    headings = [
        line for line in helped("events").splitlines() if line.endswith(":") and line[0] > " "
    ]
    assert headings == ["Of what:", "Output:"]
    assert "\nOptions:\n  --host" in helped("web")


def test_commands_below_may_be_told_apart_by_their_tasks() -> None:
    @click.group(cls=Group)
    def command() -> None:
        """Of things."""

    command.tasks = {"Looking": ("show", "list")}
    for name in ("drop", "list", "show"):
        command.command(name, help=f"Do {name}.")(lambda: None)
    sections = helped(command=command).split("\n\n")
    assert sections[-2:] == [
        "Looking:\n  show  Do show.\n  list  Do list.",
        "Commands:\n  drop  Do drop.\n",
    ]


def test_a_command_below_shows_the_examples_that_call_it() -> None:
    shown = helped("deliveries", "retry")
    assert shown.endswith("\n  Example:\n    pricetrail deliveries retry --webhook billing\n")
