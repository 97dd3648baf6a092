"""Whatever a gateway calls its models, no command writes to the terminal with it (fault 35)."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from unicodedata import category

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.cli import main
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.acceptance.everything import said_by_all
from tests.pricetrail.commands.running import URL, document, made_up_history, run
from tests.support.histories import build, catalog, failed, model, tokens

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BAD = {"Cc", "Cf", "Zl", "Zp"}
DEAR, CHEAP = tokens("0.000003", "0.000015"), tokens("0.0000025", "\u009b31m")


@cache
def every_bad() -> list[str]:
    """All characters that are: a million are looked at, not at each start of the tests."""
    return [chr(code) for code in range(1, 0x110000) if category(chr(code)) in BAD]


def obeyed(text: str) -> set[str]:
    """What a terminal, or whoever reads, would take for something else than what is shown."""
    return {one for one in text if category(one) in BAD and one != "\n"}


def history(*names: str) -> None:
    prepare(URL)
    database = Database(URL)
    models = [model(name, DEAR, **{name: [name]}) for name in names]
    later = [model(name, CHEAP, display_name=f"{name}!", **{name: {name: 1}}) for name in names]
    build(database, names[0][:90].strip() or "s", [("10:00", catalog(*models))])
    failed(database, names[0][:90].strip() or "s", "11:00", f"{names[0]} \x1b]0;owned\x07")
    build(database, names[0][:90].strip() or "s", [("12:00", catalog(*later[1:]))])
    build(database, names[0][:90].strip() or "s", [("13:00", catalog(*later))])
    database.close()


def test_no_name_is_obeyed_whatever_command_shows_it() -> None:
    bad = every_bad()
    parts = ["".join(bad[start : start + 40]) for start in range(0, len(bad), 40)]
    first = f"\u009b31mred\x1b[31m\u202e{parts[0]}"
    history(first, *(f"m{place}{part}" for place, part in enumerate(parts[1:])))
    for command, said in said_by_all(first):
        assert obeyed(said) == set(), command


def test_json_keeps_the_names_as_they_are() -> None:
    name = "\u009b31mred\u202e\u2066\u200f\ufeff\U000e0001\x7f\x1b[0m"
    history(name)
    assert document("models")["data"][0]["id"] == name
    assert name in {
        event["data"].get("model", {}).get("id") for event in document("events")["events"]
    }
    out = run("export", "events", "--format", "jsonl")[1]
    models = [json.loads(line)["data"].get("model", {}) for line in out.splitlines()]
    assert name in {model.get("id") for model in models}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_printable_json_text_has_the_same_value(value: Any) -> None:
    text = printable(dumps(value).replace("\\u0000", "x"))
    assert json.loads(text) == json.loads(dumps(value).replace("\\u0000", "x"))
    assert obeyed(text) == set()


def test_every_character_that_shows_as_nothing_is_escaped() -> None:
    text = printable(dumps(every_bad()))
    assert obeyed(text) == set()
    assert json.loads(text) == every_bad()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1, max_size=30),
    st.sampled_from(
        [
            ["{}"],
            ["models", "--{}"],
            ["models", "{}"],
            ["models", "--source", "{}"],
            ["audit", "{}"],
            ["price", "x", "--at", "{}"],
            ["--log-format", "{}", "models"],
            ["evidence", "check", "{}"],
        ]
    ),
)
def test_what_a_person_gives_is_repeated_inert(word: str, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, [part.format(word) for part in arguments])
    assert result.exit_code in (0, 1, 2, 3)
    assert isinstance(result.exception, SystemExit | None)
    assert obeyed(result.output) == set()


def by_a_process(command: list[str], terminal: int) -> object:
    """The exit code of a command whose process begins on the terminal."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    whole = [sys.executable, "-m", "pricetrail", *command]
    return subprocess.run(whole, stdout=terminal, env=environment, check=False).returncode


def in_this_process(command: list[str], terminal: int) -> object:
    """The exit code of a command run here, with the terminal as its output."""
    output = os.fdopen(terminal, "w", encoding="utf-8", closefd=False)
    with output, redirect_stdout(output), pytest.raises(SystemExit) as end:
        main(command, prog_name="pricetrail")
    return end.value.code


def on_a_terminal(
    command: list[str], how: Callable[[list[str], int], object] = in_this_process
) -> str:
    """What a real terminal gets from a command."""
    ours, theirs = pty.openpty()
    got: list[bytes] = []

    def read() -> None:
        with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as stream:
            while part := stream.read(65536):
                got.append(part)

    reader = Thread(target=read)
    reader.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TERM", "dumb")
            assert how(command, theirs) == 0
    finally:
        os.close(theirs)
        reader.join()
    return b"".join(got).decode()


@pytest.mark.parametrize(
    "command",
    [
        *(["snapshots", "show", "1", "--raw"], ["export", "observations"]),
        *(["export", "prices"], ["models"], ["models", "--json"]),
    ],
)
def test_a_terminal_gets_nothing_that_it_obeys(command: list[str]) -> None:
    history("\u009b31mred\u202e")
    shown = on_a_terminal(command).replace("\r\n", "\n")
    assert "31mred" in shown
    assert obeyed(shown.replace("\r", "")) == set()


@pytest.mark.parametrize(
    ("command", "how"),
    [
        (["snapshots", "show", "1", "--raw"], in_this_process),
        (["export", "observations"], by_a_process),
    ],
)
def test_in_a_pipe_a_body_is_as_it_was_served(
    command: list[str], how: Callable[[list[str], int], object]
) -> None:
    history("\u009b31mred\u202e")
    exact = run(*command)[1]
    assert "\u009b31mred\u202e" in exact
    told = on_a_terminal(command, how).splitlines()
    assert obeyed("".join(told)) == set()
    assert list(map(json.loads, told)) == list(map(json.loads, exact.splitlines()))


def test_every_table_fits_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made_up_history()
    for command in (
        *(["models"], ["snapshots"], ["events"], ["coverage"], ["history", "gpt-5"]),
        *(["price", "gpt-5"], ["diff", "baseline", "latest"], ["compare"], ["sources", "list"]),
        *(["deliveries", "list"], ["webhooks", "list"], ["quarantine", "list"], ["verify"]),
    ):
        lines = on_a_terminal(command).replace("\r\n", "\n").splitlines()
        assert max(map(len, lines)) <= 80, command
        # To the second, as far as there are times at all.
        assert not any("T10:00:00" in line for line in lines), command


def test_a_narrow_terminal_is_told_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    made_up_history()
    told = " ".join(on_a_terminal(["snapshots"]).split())
    assert "2026-03-01 10:00:00" in told
    assert told.endswith("with --json: last seen, polls, models, updated, head")
