"""`pricetrail history`: every change of a model."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import (
    CHEAP,
    URL,
    document,
    eventful,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.support.histories import build, catalog, model, tokens

PROMPT = "/pricing/text/prompt"
CUT = {
    "path": PROMPT,
    "unit": "USD/token",
    "old": "0.000003",
    "new": "0.0000025",
    "percent": "-16.67",
}
DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_history_begins_with_the_baseline_and_goes_on_with_each_change() -> None:
    found = document("history", "gpt-5")
    assert (found["source"], found["model"]) == ("s", "gpt-5")
    kinds = [(one["type"], one["version"]) for one in found["events"]]
    assert kinds == [("baseline", 1), ("model.repriced", 2), ("model.updated", 3)]
    repriced = found["events"][1]
    assert (repriced["direction"], repriced["changes"]) == ("decrease", [CUT])
    assert repriced["observed"] == {
        "not_before": f"{DAY}11:00:00Z",
        "not_after": f"{DAY}12:00:00Z",
    }
    only = document("history", "gpt-5", "--field", "text.prompt")
    assert [one["type"] for one in only["events"]] == ["baseline", "model.repriced"]
    assert "prompt $3.00 → $2.50 /1M (−16.7%)" in shown("history", "gpt-5")


def test_history_passes_over_versions_in_which_only_noise_changed() -> None:
    noisy = tokens("0.0000025000000000000001", "0.000015")
    last = catalog(model("gpt-5", noisy, display_name="GPT 5"), model("new", CHEAP))
    database = Database(URL)
    build(database, "s", [("16:00", last)])
    database.close()
    found = document("history", "gpt-5")["events"]
    assert [(one["type"], one["version"]) for one in found][2:] == [("model.updated", 3)]


def test_a_price_that_never_changed_is_said_not_to_have() -> None:
    assert shown("history", "gpt-5", "--field", "text.completion").endswith(
        "\ntext.completion never changed\n"
    )
    assert shown("history", "new").endswith("\nno change since\n")


def test_an_unknown_model_is_exit_code_3() -> None:
    assert "did you mean gpt-5?" in refused(3, "history", "gpt-6")


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Another database than the one with the made-up history."""
    url = "sqlite:///other.db"
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    prepare(url)
    found = Database(url)
    yield found
    found.close()


def test_a_field_that_never_was_is_named_with_its_neighbours(database: Database) -> None:
    eventful(database)
    assert "it has: text.prompt" in refused(3, "history", "a", "--field", "text.promt")
    assert "/display_name" in refused(3, "history", "a", "--field", "/display_nme")
    assert document("history", "ä", "--field", "text.prompt")["events"][0]["type"] == "baseline"
    assert shown("history", "ä", "--field", "text.prompt").endswith("\ntext.prompt never changed\n")
    # It is gone by now, but it was there.
    gone = document("history", "a", "--field", "audio")["events"]
    assert [one["version"] for one in gone] == [1, 2, 3]


def test_a_wrong_source_is_named_with_those_there_are(database: Database) -> None:
    eventful(database)
    code, out, err = run("history", "a", "--source", "t")
    assert (code, out) == (3, "")
    assert "no source 't' here; there are: s" in err
