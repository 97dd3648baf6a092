"""`pricetrail compare`: who is cheaper, in JSON and in words."""

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import URL, document, made_up_history, refused, shown
from tests.support.histories import build, catalog, model, tokens

IMAGE = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}


@pytest.fixture
def _sources() -> None:
    prepare(URL)
    database = Database(URL)
    cheap = model("gpt-5", tokens("0.0000025", "0.000015", cache={"read": "0.0000001"}))
    first = catalog(model("gpt-5"), model("same"), model("pipellm-only", IMAGE))
    build(database, "pipellm", [("10:00", first), ("12:00", first)])
    second = catalog(model("gpt-5"), model("same"))
    build(database, "router", [("10:00", second), ("12:00", catalog(cheap, model("same")))])
    database.close()


@pytest.mark.usefixtures("_sources")
def test_one_model_is_shown_price_by_price_with_since_when() -> None:
    words = shown("compare", "gpt-5").splitlines()
    assert words == [
        "gpt-5 at 2026-03-01T12:00:00Z: 2 sources",
        "",
        "  price       cheapest    at               dearer",
        "  prompt      $2.50 /1M   router           pipellm $3.00 (+20%)",
        "  completion  $15.00 /1M  pipellm, router",
        "  cache read  $0.10 /1M   router",
        "",
        "source   prices seen since               last seen             certainty",
        "router   2026-03-01T12:00:00Z            2026-03-01T12:00:00Z  observed",
        "pipellm  2026-03-01T10:00:00Z or before  2026-03-01T12:00:00Z  observed",
    ]
    assert max(map(len, words)) <= 80


@pytest.mark.usefixtures("_sources")
def test_all_models_are_shown_where_they_differ_and_counted_where_not() -> None:
    assert shown("compare").splitlines() == [
        "gpt-5",
        "  price   cheapest   at      dearer",
        "  prompt  $2.50 /1M  router  pipellm $3.00 (+20%)",
        "",
        "2 models at 2 sources, 2026-03-01T12:00:00Z; 1 cost the same everywhere",
    ]
    between = shown("compare", "--at", "2026-03-01T10:00:00Z")
    assert "2 cost the same everywhere" in between


@pytest.mark.usefixtures("_sources")
def test_json_is_one_document_of_models_and_offers() -> None:
    found = document("compare", "--field", "text.prompt")
    assert list(found) == ["at", "models"]
    assert [one["model"] for one in found["models"]] == ["gpt-5", "same"]
    offers = found["models"][0]["offers"]
    assert [(one["source"], one["prices"][0]["amount"]) for one in offers] == [
        ("router", "0.0000025"),
        ("pipellm", "0.000003"),
    ]
    assert document("compare", "gpt-5", "--source", "pipellm")["models"][0]["offers"] == [
        document("compare", "gpt-5")["models"][0]["offers"][1]
    ]


def test_one_source_alone_is_said_and_is_no_error() -> None:
    made_up_history()
    assert shown("compare") == "there is no other source to compare s with\n"
    assert document("compare")["models"] == []
    assert "gpt-5 at 2026-03-01T15:00:00Z: 1 source" in shown("compare", "gpt-5")


@pytest.mark.usefixtures("_sources")
def test_nothing_to_answer_from_is_exit_code_3() -> None:
    assert "did you mean gpt-5?" in refused(3, "compare", "gpt5")
    assert "no source 'x' here" in refused(3, "compare", "--source", "x")
