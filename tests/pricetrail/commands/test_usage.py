"""`pricetrail usage`: what is used of each model."""

from pathlib import Path
from typing import Any

import pytest

from tests.pricetrail.commands.audits import document, history, run, usage


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)


def quantities(model: str) -> dict[str, str]:
    (found,) = document("usage", "show", model)["models"]
    shown: list[dict[str, Any]] = found["quantities"]
    return {one["path"]: one["quantity"] for one in shown}


def test_quantities_go_under_the_prices_that_they_are_charged_by(sqlite_url: str) -> None:
    history(sqlite_url)
    columns = "time,model,prompt_tokens,completion_tokens,reasoning_tokens"
    rows = (
        "10:30,gpt-5,1000,200,50",
        "2026-03-02T00:00:00Z,gpt-5,250000,0,50",
        "10:30,gpt-5,1000,0,0",
    )
    run("usage", "import", usage("usage.csv", *rows, columns=columns))
    assert quantities("gpt-5") == {
        "/pricing/text/completion": "300",
        "/pricing/text/prompt": "2000",
        "/pricing/tiers/over_200k/text/prompt": "250000",
    }


def test_the_same_bytes_a_second_time_change_nothing() -> None:
    name = usage("usage.csv", "10:30,gpt-5,1000,200")
    (first,) = document("usage", "import", name)["files"]
    assert (first["rows"], first["models"], first["imported_before"]) == (1, 1, None)
    Path("copy.csv").write_bytes(Path(name).read_bytes())
    (again,) = document("usage", "import", "copy.csv")["files"]
    assert again["rows"] == 0
    assert again["imported_before"] is not None
    assert quantities("gpt-5")["/pricing/text/prompt"] == "1000"


def test_another_file_adds_up() -> None:
    one = usage("one.csv", "10:30,gpt-5,1000,200")
    other = usage("other.csv", "10:30,gpt-5,1,0")
    shown = run("usage", "import", one, other).stdout.splitlines()
    assert [line.split() for line in shown[1:]] == [
        ["one.csv", "1", "1", "0", "new"],
        ["other.csv", "1", "1", "0", "new"],
    ]
    assert quantities("gpt-5")["/pricing/text/prompt"] == "1001"


def test_a_month_is_the_last_30_days_up_to_the_latest_day_imported() -> None:
    rows = ("2026-01-30,a,5,0", "2026-01-31,a,7,0", "2026-03-01,b,1,0")
    run("usage", "import", usage("usage.csv", *rows))
    shown = document("usage", "show")
    assert (shown["from"], shown["until"]) == ("2026-01-31", "2026-03-01")
    assert quantities("a") == {"/pricing/text/prompt": "7"}


def test_rows_that_cannot_be_read_are_passed_over_and_named() -> None:
    name = usage("usage.csv", "10:30,gpt-5,1000,200", "someday,gpt-5,1,1", "10:30,,1,1")
    result = run("usage", "import", name)
    assert "passed over usage.csv, line 3: 'someday' is not a time" in result.stderr
    assert "passed over usage.csv, line 4: it names no model" in result.stderr
    assert quantities("gpt-5")["/pricing/text/prompt"] == "1000"


def test_seconds_of_an_unknown_model_are_not_guessed_at() -> None:
    rows = ("10:30,film,8", "10:30,film,")
    name = usage("usage.csv", *rows, columns="time,model,seconds")
    stderr = run("usage", "import", name).stderr
    assert "line 2: which price is seconds charged by?" in stderr


def test_people_see_quantities_with_their_units(sqlite_url: str) -> None:
    history(sqlite_url)
    rows = ("10:30,gpt-5,1000000,", "10:30,draw,,3")
    run("usage", "import", usage("u.csv", *rows, columns="time,model,prompt_tokens,images"))
    lines = [line.split() for line in run("usage", "show").stdout.splitlines()]
    assert lines[1:] == [
        ["draw", "image", "3", "image"],
        ["gpt-5", "prompt", "above", "200k", "1,000,000", "token"],
    ]


def test_before_any_usage_there_is_nothing_to_show() -> None:
    assert "no usage was imported yet" in run("usage", "show", code=3).stderr
    run("usage", "import", usage("usage.csv", "10:30,gpt-5,1000,200"))
    assert "no usage of 'other'" in run("usage", "show", "other", code=3).stderr


def test_a_file_that_is_not_there_ends_with_2() -> None:
    assert "cannot read nowhere.csv" in run("usage", "import", "nowhere.csv", code=2).stderr


@pytest.mark.parametrize("other", ["nowhere.csv", "text.csv"])
def test_an_import_that_is_refused_makes_no_database(
    monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.delenv("PRICETRAIL_DATABASE_URL")
    usage("good.csv", "10:00,a,1000", columns="time,model,prompt")
    Path("text.csv").write_text("hello\n", encoding="utf-8")
    run("usage", "import", "good.csv", other, code=2)
    assert not Path("pricetrail.db").exists()
    run("usage", "import", "good.csv")
    assert Path("pricetrail.db").exists()
