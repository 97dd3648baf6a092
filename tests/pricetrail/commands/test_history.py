"""`pricetrail history`: every change of a model."""

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import (
    CHEAP,
    URL,
    document,
    made_up_history,
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
