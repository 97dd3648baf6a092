"""What the answer is shown on: width, styles and times."""

import io
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from pricetrail.render import note, progress
from pricetrail.render.screen import Screen, hush, screen_of

NOW = datetime(2026, 11, 25, 10, 0, 6, 123_000, UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_styles_are_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, terminal: bool, in_pipe: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert screen_of(Terminal()).styled is terminal
    assert screen_of(io.StringIO()).styled is in_pipe


@pytest.mark.parametrize(("given", "width"), [("132", 132), ("3", 20), ("", 80), ("wide", 80)])
def test_a_terminal_is_as_wide_as_columns_says(
    monkeypatch: pytest.MonkeyPatch, given: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", given)
    assert screen_of(Terminal()).width == width
    assert screen_of(io.StringIO()).width is None


def test_times_are_pleasant_on_a_terminal_and_exact_elsewhere() -> None:
    terminal, pipe = Screen(80, styled=False, now=NOW), Screen(None, styled=False, now=NOW)
    assert terminal.when(NOW) == "2026-11-25 10:00:06"
    assert pipe.when(NOW) == pipe.recently(NOW) == "2026-11-25T10:00:06.123Z"
    for seconds, words in ((180, "3 min ago"), (-7200, "in 2 h"), (0.4, "now"), (45, "45 s ago")):
        assert terminal.recently(NOW - timedelta(seconds=seconds)) == words


def test_a_quiet_command_says_its_answer_and_errors_alone() -> None:
    @click.command
    @click.option("--quiet", is_flag=True)
    def command(*, quiet: bool) -> None:
        if quiet:
            hush()
        note("beside")
        with progress("importing", 1) as bar:
            bar.advance(1)
        click.echo("answer")

    assert CliRunner().invoke(command, ["--quiet"]).output == "answer\n"
    assert CliRunner().invoke(command, []).output == "beside\nanswer\n"
