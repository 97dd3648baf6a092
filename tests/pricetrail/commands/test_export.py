"""`pricetrail export`: what each format holds, in this process and in ones of its own."""

import csv
import json
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyarrow import parquet

from pricetrail.cli import main
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.processes import done, three_versions
from tests.pricetrail.commands.running import refused, shown
from tests.support import histories
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.histories import catalog, model, tokens

pytestmark = pytest.mark.slow


@pytest.fixture
def history() -> str:
    return three_versions()


def test_an_export_imports_again_as_the_same_history(history: str) -> None:
    done("import", history, "--every", "1h")
    done("export", "observations", "-o", "again.jsonl.xz")
    events = done("export", "events", "--format", "jsonl")
    Path("pricetrail.db").unlink()
    done("import", "again.jsonl.xz", "--every", "1h")
    assert done("export", "events", "--format", "jsonl") == events
    assert [json.loads(line)["type"] for line in events.splitlines()] == [
        "model.repriced",
        "model.removed",
    ]


def _lived(path: str) -> None:
    """Polls that agree, differ, fail, are set aside and missed."""
    prepare(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    often = timedelta(minutes=70)
    for time, price in (
        ("00:00", 3),
        ("01:00", 3),
        ("02:00", 4),
        ("03:00", 2),
        ("08:00", 2),
        ("09:00", 1),
    ):
        found = catalog(model("a", tokens(f"0.00000{price}", "0.00001")))
        histories.poll(database, "pipellm", time, found, longest_pause=often)
        if time == "01:00":
            histories.failed(database, "pipellm", "01:20")
        if time == "08:00":
            histories.quarantined(database, "pipellm", "08:30")
    histories.failed(database, "pipellm", "10:00")
    database.close()


def test_a_copy_answers_every_question_about_certainty_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _lived("original.db")
    questions = [
        *(
            ["price", "a", "--at", f"2026-03-01T{hour:02}:{m:02}:00Z"]
            for hour in range(11)
            for m in (0, 25)
        ),
        *([name] for name in ("coverage", "snapshots", "events", "verify", "head")),
        ["history", "a"],
    ]

    def answers(name: str) -> list[Any]:
        app = CliRunner(env={"PRICETRAIL_DATABASE_URL": f"sqlite:///{name}"})
        return [json.loads(app.invoke(main, [*asked, "--json"]).stdout) for asked in questions]

    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///original.db")
    done("export", "observations", "-o", "moved.jsonl.zst")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///copy.db")
    assert json.loads(done("import", "moved.jsonl.zst", "--json"))["already_there"] == 0
    original = answers("original.db")
    assert answers("copy.db") == original
    assert {found["certainty"] for found in original[:22]} == {"observed", "bracketed", "gap"}
    assert json.loads(done("import", "moved.jsonl.zst", "--json"))["versions"] == 0
    assert answers("copy.db") == original


def test_prices_are_exported_as_intervals_that_no_spreadsheet_runs(history: str) -> None:
    shown("import", history)
    shown("export", "-o", "prices.csv")
    with Path("prices.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["model"] for row in rows} == {"'=cmd()", "a"}
    prompt = [row for row in rows if (row["model"], row["path"]) == ("a", "/pricing/text/prompt")]
    assert [(row["amount"], row["from_version"], row["until_version"]) for row in prompt] == [
        ("0.000003", "1", "2"),
        ("0.0000025", "2", ""),
    ]
    assert prompt[0]["until_not_after"] == "2026-11-02T10:00:00Z"
    as_json = [json.loads(line) for line in shown("export", "--format", "jsonl").splitlines()]
    assert {row["model"] for row in as_json} == {"=cmd()", "a"}


def test_events_and_snapshots_are_exported_in_every_format(history: str) -> None:

    shown("import", history)
    for what, rows in (("events", 2), ("snapshots", 3), ("prices", 5)):
        shown("export", what, "-o", f"{what}.parquet")
        assert parquet.read_table(f"{what}.parquet").num_rows == rows
        assert len(list(csv.reader(shown("export", what).splitlines()))) == rows + 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "out.xlsx"], ".xlsx is none of the formats"),
        (["events", "-o", "out.json"], ".json is none of the formats"),
        (["-o", "out.tsv.gz"], ".tsv is none of the formats"),
        (["-o", "prices-2026.11"], "--format"),
        (["-o", "out.jsonl", "--format", "csv"], "says jsonl, and --format says csv"),
        (["-o", "out.CSV.gz", "--format", "jsonl"], "says csv, and --format says jsonl"),
        (["-o", "out.parquet.zst"], "compressed already"),
        (["observations", "-o", "out.csv"], "--format jsonl"),
    ],
)
def test_a_name_that_says_something_else_than_what_it_gets_is_refused(
    history: str, arguments: list[str], said: str
) -> None:
    shown("import", history)
    assert said in refused(2, "export", *arguments)
    assert list(Path().glob("out*")) == []


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["-o", "out"], b"source,model"),
        (["-o", "out.CSV"], b"source,model"),
        (["-o", "out.txt", "--format", "csv"], b"source,model"),
        (["-o", "out.jsonl"], b'{"source"'),
        (["-o", "out.csv.GZ"], b"\x1f\x8b"),
        (["-o", "out.JSONL.xz"], b"\xfd7zXZ"),
        (["observations", "-o", "out.zst"], b"\x28\xb5\x2f\xfd"),
        (["-o", "out.Parquet"], b"PAR1"),
    ],
)
def test_a_file_holds_what_its_name_says(history: str, arguments: list[str], begins: bytes) -> None:
    shown("import", history)
    shown("export", *arguments)
    [path] = Path().glob("out*")
    assert path.read_bytes().startswith(begins)


def test_two_exports_at_once_to_one_name_both_succeed(history: str) -> None:
    done("import", history)
    with ExitStack() as stack:
        command = (COMMAND_LINE, "export", "-o", "prices.csv", "--force")
        for process in [stack.enter_context(Forked(*command)) for _ in range(3)]:
            _, err = process.communicate()
            assert process.returncode == 0, err
    assert Path("prices.csv").read_text(encoding="utf-8").startswith("source,model")
    assert list(Path().glob(".pricetrail*")) == []


def test_an_export_to_nowhere_leaves_nothing_behind(history: str) -> None:
    shown("import", history)
    assert "cannot write" in refused(1, "export", "-o", "missing/prices.csv")
    Path("prices.csv").write_text("old", encoding="utf-8")
    shown("export", "-o", "prices.csv", "--force")
    assert Path("prices.csv").read_text(encoding="utf-8").startswith("source,model")
    assert list(Path().glob(".*")) == []


@pytest.mark.parametrize(
    ("code", "arguments", "said"),
    [
        (3, ["export"], "no database yet"),
        (2, ["export", "observations", "--format", "csv"], "with --format jsonl"),
        (2, ["export", "--format", "parquet"], "-o FILE"),
    ],
)
def test_bad_input_is_one_line_with_its_exit_code(
    code: int, arguments: list[str], said: str
) -> None:
    assert said in refused(code, *arguments)
