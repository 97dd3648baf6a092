"""`pricetrail whatif`: the same usage on another model."""

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.audits import document, history, run, usage
from tests.support.histories import catalog, model, poll, tokens


@pytest.fixture(autouse=True)
def _history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    history(sqlite_url)


COLUMNS = "time,model,prompt_tokens,images"


@pytest.fixture
def name() -> str:
    """Two rows at the cheap price, one at the dear one, and images."""
    return usage(
        "usage.csv",
        "10:10,gpt-5,1000,",
        "10:20,gpt-5,1000,",
        "12:30,gpt-5,1000,",
        "12:40,draw,,3",
        columns=COLUMNS,
    )


def test_a_swap_leaves_the_other_models_as_they_are(name: str) -> None:
    shown = document("whatif", name, "--swap", "nothing=draw")
    assert (shown["now"], shown["then"], shown["difference"]) == ("0.13", "0.13", "0")
    assert [one["model"] for one in shown["models"]] == ["draw", "gpt-5"]


def test_rows_that_the_other_model_cannot_price_are_in_neither_sum(name: str) -> None:
    shown = document("whatif", name, "--swap", "gpt-5=draw")
    assert (shown["now"], shown["then"], shown["rows"]) == ("0.12", "0.12", 1)
    why = "draw: there is no price for prompt"
    assert [(one["line"], one["model"], one["why"]) for one in shown["unpriced"]] == [
        (line, "gpt-5", why) for line in (2, 3, 4)
    ]


def test_a_row_is_swapped_at_its_own_time_or_at_one_for_all() -> None:
    name = usage("usage.csv", "10:10,gpt-5,1000,", "12:30,gpt-5,1000,", columns=COLUMNS)
    assert document("whatif", name, "--swap", "x=gpt-5")["now"] == "0.007"
    late = document("whatif", name, "--swap", "x=gpt-5", "--at", "2026-03-01T12:30:00Z")
    assert late["now"] == "0.008"


def test_a_cheaper_model_saves(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    both = catalog(
        model("big", tokens("0.000010", "0.00002")), model("small", tokens("0.000001", "0.00001"))
    )
    poll(database, "pipellm", "14:00", both)
    poll(database, "pipellm", "15:00", both)
    database.close()
    name = usage("usage.csv", "14:10,big,1000000,", "14:20,big,1000000,", columns=COLUMNS)
    shown = document("whatif", name, "--swap", "big=small")
    assert shown["models"] == [
        {
            "model": "big",
            "to": "small",
            "rows": 2,
            "uncertain": 0,
            "now": "20",
            "then": "2",
            "difference": "-18",
            "percent": "-90.00",
        }
    ]
    people = run("whatif", name, "--swap", "big=small").stdout.splitlines()
    assert people[1].split() == ["big", "small", "2", "$20.00", "$2.00", "-$18.00", "-90.00%"]


def test_people_hear_of_rows_without_a_price_and_of_swaps_without_rows(name: str) -> None:
    result = run("whatif", name, "--swap", "gpt-5=draw", "--swap", "other=draw")
    assert "line 2 gpt-5: draw: there is no price for prompt" in result.stdout
    assert "3 rows without a price on one of the sides: in neither sum" in result.stderr
    assert "not in the usage: other" in result.stderr


@pytest.mark.parametrize(
    ("swaps", "code", "said"),
    [
        (("gpt-5",), 2, "write A=B"),
        (("gpt-5=",), 2, "write A=B"),
        (("gpt-5=draw", "gpt-5=gpt-5"), 2, "gpt-5 is swapped for two models"),
        (("gpt-5=drew",), 3, "did you mean draw?"),
    ],
)
def test_a_swap_that_means_nothing_is_refused(
    name: str, swaps: tuple[str, ...], code: int, said: str
) -> None:
    options = [part for swap in swaps for part in ("--swap", swap)]
    assert said in run("whatif", name, *options, code=code).stderr
