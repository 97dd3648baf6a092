"""`audit`, `whatif` and `usage import` of rows that sum up requests, and of days and stretches."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.storage.database import Database
from tests.pricetrail.commands.audits import document, usage
from tests.support.histories import build, catalog, model, tokens


def priced(prompt: str, above: str, **tiers: Any) -> dict[str, Any]:
    tier = {"text": {"prompt": above}}
    return tokens(prompt, "0.00002", tiers={"over_200k": tier, **tiers})


@pytest.fixture(autouse=True)
def _history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`long` and `steps` have tiers, `flat` has none; `long` gets dearer on the 10th at noon."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    steps = tokens(
        "0.000001",
        "0.00001",
        tiers={
            "over_128k": {"text": {"prompt": "0.000002"}},
            "over_131072": {"text": {"prompt": "0.000003"}},
        },
    )
    others = (model("flat", tokens("0.000003", "0.00002")), model("steps", steps))
    cheap = catalog(model("long", priced("0.000003", "0.000006")), *others)
    dear = catalog(model("long", priced("0.000004", "0.000009")), *others)
    database = Database(sqlite_url)
    build(
        database,
        "pipellm",
        [
            ("2026-03-01T00:00:00Z", cheap),
            ("2026-03-10T12:00:00.500Z", cheap),
            ("2026-03-10T12:00:00.700Z", dear),
            ("2026-03-12T00:00:00Z", dear),
            ("2026-03-12T06:00:00Z", None),
            ("2026-03-14T00:00:00Z", dear),
            ("2026-03-15T00:00:00Z", dear),
        ],
    )
    database.close()


def only(name: str, *options: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The one line of an audit, and its entry among the uncertain ones."""
    shown = document("audit", name, *options)
    (line,) = shown["lines"]
    (doubt,) = shown["uncertain"] or [None]
    assert shown["total"] == line["cost"]
    return line, doubt


def one_row(columns: str, cells: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    head = "time,model,prompt_tokens"
    return only(usage("usage.csv", f"2026-03-05T10:00:00Z,{cells}", columns=f"{head},{columns}"))


@pytest.mark.parametrize(
    "column",
    ["requests", "num_model_requests", "num_requests", "count", "n_requests", "request_count"],
)
def test_a_sum_is_never_put_into_a_tier(column: str) -> None:
    line, doubt = one_row(column, "long,900000,30")
    assert (line["cost"], line["certainty"]) == ("2.7", "uncertain")
    assert doubt is not None
    assert (doubt["cost"], doubt["cost_other"]) == ("2.7", "5.4")
    assert "it sums up 30 requests" in doubt["why"]
    assert "above 200,000 tokens" in doubt["why"]


@pytest.mark.parametrize(
    ("cells", "cost"),
    [
        ("long,200000,30", "0.6"),  # no prompt of it can be above
        ("long,900000,1", "5.4"),  # it is one request, above
        ("flat,900000,30", "2.7"),  # there is no tier
        ("steps,128000,30", "0.128"),
    ],
)
def test_a_sum_is_certain_where_no_tier_is_open(cells: str, cost: str) -> None:
    line, doubt = one_row("requests", cells)
    assert (line["cost"], line["certainty"], doubt) == (cost, "observed", None)


@pytest.mark.parametrize("number", ["", "0", "2"])
def test_a_number_of_requests_that_is_not_one_leaves_the_tier_open(number: str) -> None:
    line, _ = one_row("requests", f"long,900000,{number}")
    assert (line["cost"], line["certainty"]) == ("2.7", "uncertain")


def test_the_tier_of_what_was_not_used_leaves_a_sum_certain() -> None:
    columns = "time,model,completion_tokens,cached_tokens,requests"
    row = "2026-03-05T10:00:00Z,flat,900000,0,30"
    line, doubt = only(usage("usage.csv", row, columns=columns))
    assert (line["certainty"], doubt) == ("observed", None)


def test_any_threshold_is_a_tier_and_the_highest_passed_wins() -> None:
    assert one_row("requests", "steps,131072,1")[0]["cost"] == "0.262144"
    assert one_row("requests", "steps,131073,1")[0]["cost"] == "0.393219"
    line, doubt = one_row("requests", "steps,200000,9")
    assert line["cost"] == "0.2"
    assert doubt is not None
    assert doubt["cost_other"] == "0.6"


@pytest.mark.parametrize(
    ("window", "cost", "certainty"),
    [
        ("0-200k", "2.7", "observed"),
        ("≤ 200k", "2.7", "observed"),
        ("<=200k", "2.7", "observed"),
        ("up_to_200k", "2.7", "observed"),
        ("200k-1M", "5.4", "observed"),
        ("200001-1M", "5.4", "observed"),
        ("> 200k", "5.4", "observed"),
        (">200K", "5.4", "observed"),
        ("over_200k", "5.4", "observed"),
        ("0-1M", "2.7", "uncertain"),
        ("whatever", "2.7", "uncertain"),
        ("", "2.7", "uncertain"),
    ],
)
def test_a_column_that_tells_the_tier_decides(window: str, cost: str, certainty: str) -> None:
    line, _ = one_row("requests,context_window", f"long,900000,30,{window}")
    assert (line["cost"], line["certainty"]) == (cost, certainty)


@given(requests=st.integers(1, 50), prompt=st.integers(1, 2_000_000))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_true_cost_lies_between_the_two_that_are_told(requests: int, prompt: int) -> None:
    line, doubt = one_row("requests", f"long,{prompt},{requests}")
    below, above = prompt * Decimal("0.000003"), prompt * Decimal("0.000006")
    if requests == 1:
        assert Decimal(line["cost"]) == (above if prompt > 200_000 else below)
        assert doubt is None
    else:
        assert Decimal(line["cost"]) == below
        told = None if doubt is None else Decimal(doubt["cost_other"])
        assert told == (above if prompt > 200_000 else None)


def test_a_row_of_a_day_or_of_a_stretch_is_a_sum_unless_it_says_one() -> None:
    for when in ("2026-03-05", "2026-03-05T10:00Z"):
        columns = "time,model,prompt_tokens"
        line, _ = only(usage("usage.csv", f"{when},long,900000", columns=columns))
        assert line["certainty"] == ("uncertain" if len(when) == 10 else "observed")
    columns = "start_time,end_time,model,prompt_tokens,requests,request_id"
    for more, certainty in ((",", "uncertain"), ("1,", "observed"), (",x7", "observed")):
        name = usage("usage.csv", f"1772668800,1772755200,long,900000,{more}", columns=columns)
        line, _ = only(name)
        assert (line["at"], line["certainty"]) == ("2026-03-05", certainty)


def test_a_sum_across_a_change_is_told_with_the_cost_that_differs_most() -> None:
    name = usage("usage.csv", "2026-03-10,long,900000,30", columns="date,model,prompt_tokens,count")
    line, doubt = only(name)
    assert (line["cost"], line["certainty"]) == ("2.7", "bracketed")
    assert doubt is not None
    assert doubt["cost_other"] == "8.1"
    assert "the price changed" in doubt["why"]
    assert "it sums up 30 requests" in doubt["why"]


@pytest.mark.parametrize(
    ("day", "cost", "certainty", "other"),
    [
        ("2026-03-09", "0.003", "observed", None),
        ("2026-03-10", "0.003", "bracketed", "0.004"),
        ("2026-03-11", "0.004", "observed", None),
        ("2026-03-13", "0.004", "gap", "0.004"),  # a poll failed
        ("2026-03-14", "0.004", "observed", None),
        ("2026-03-15", "0.004", "gap", None),  # seen at its first instant alone
        ("2026-03-01", "0.003", "observed", None),
    ],
)
def test_a_date_is_the_whole_day(day: str, cost: str, certainty: str, other: str | None) -> None:
    name = usage("usage.csv", f"{day},long,1000", columns="date,model,prompt_tokens")
    line, doubt = only(name)
    assert (line["at"], line["cost"], line["certainty"]) == (day, cost, certainty)
    assert (doubt["cost_other"] if doubt else None) == other


def test_a_day_that_history_begins_in_is_priced_and_uncertain(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    found = catalog(model("new", tokens("0.1", "1")))
    build(database, "other", [("2026-03-05T10:00:00Z", found), ("2026-03-07T00:00:00Z", found)])
    database.close()
    name = usage("usage.csv", "2026-03-05,new,10", columns="date,model,prompt_tokens")
    line, doubt = only(name, "--source", "other")
    assert (line["cost"], line["certainty"]) == ("1", "gap")
    assert doubt is not None
    assert doubt["why"] == "a part of that time is before the first snapshot"


def test_a_stretch_is_certain_only_where_the_price_held_all_along() -> None:
    columns = "start_time,end_time,model,prompt_tokens"
    held = "2026-03-10T11:00:00Z,2026-03-10T12:00:00.5Z,long,1000"
    line, doubt = only(usage("usage.csv", held, columns=columns))
    assert (line["at"], doubt) == ("2026-03-10T11:00:00Z/2026-03-10T12:00:00.500Z", None)
    changed = "2026-03-10T11:00:00Z,2026-03-10T13:00:00Z,long,1000"
    line, doubt = only(usage("usage.csv", changed, columns=columns))
    assert doubt is not None
    assert (doubt["cost"], doubt["cost_other"]) == ("0.003", "0.004")


def test_a_stretch_that_ends_before_it_begins_has_no_price() -> None:
    columns = "start_time,end_time,model,prompt_tokens"
    good = "2026-03-05,2026-03-06,long,1"
    shown = document(
        "audit", usage("usage.csv", good, "2026-03-05,2026-03-04,long,1", columns=columns)
    )
    assert shown["lines"][0]["at"] == "2026-03-05/2026-03-06"
    assert "it ends before it begins" in shown["unpriced"][0]["why"]


# Milliseconds, microseconds and nanoseconds around a change between .500 and .700.
TIMES = {
    "2026-03-10T12:00:00.500Z": "observed",
    "2026-03-10T12:00:00.5000000001Z": "bracketed",
    "2026-03-10T12:00:00.6999999999Z": "bracketed",
    "2026-03-10T12:00:00.700Z": "observed",
    "2026-03-10 12:00:00,499+00": "observed",
    "2026-03-10 12:00:00.501 UTC": "bracketed",
    "2026-03-10t13:00:00.699999+0100": "bracketed",
    "1773144000500": "observed",
    "1773144000501": "bracketed",
    "1773144000699999": "bracketed",
    "1773144000700000": "observed",
    "1773144000699999999": "bracketed",
    "1773144000700000001": "observed",
    "1773144000.5": "observed",
    "1773144000.500001": "bracketed",
    "1773144000500.5": "bracketed",
}


@pytest.mark.parametrize(("when", "certainty"), TIMES.items())
def test_every_digit_of_a_time_counts_in_every_notation(when: str, certainty: str) -> None:
    name = usage("u.csv", f'"{when}",long,1000', columns="time,model,prompt_tokens")
    line, _ = only(name)
    assert line["certainty"] == certainty
    text = when if when.replace(".", "").isdigit() else json.dumps(when)
    Path("u.jsonl").write_text(f'{{"time":{text},"model":"long","prompt_tokens":1000}}\n')
    same, _ = only("u.jsonl")
    assert (same["at"], same["cost"]) == (line["at"], line["cost"])


def test_a_price_is_asked_with_all_digits() -> None:
    for at, prompt in (("12:00:00.699999Z", "0.000003"), ("12:00:00.700Z", "0.000004")):
        shown = document("price", "long", "--at", f"2026-03-10T{at}", "--field", "text.prompt")
        assert shown["at"] == f"2026-03-10T{at}"
        assert shown["prices"][0]["amount"] == prompt


def test_what_if_and_usage_import_treat_sums_alike() -> None:
    name = usage("u.csv", "2026-03-05,flat,900000,30", columns="date,model,prompt_tokens,count")
    shown = document("whatif", name, "--swap", "flat=long")
    assert (shown["now"], shown["then"], shown["uncertain"]) == ("2.7", "2.7", 1)
    name = usage("u.csv", "2026-03-05,long,900000,30", columns="date,model,prompt_tokens,count")
    document("usage", "import", name)
    (found,) = document("usage", "show", "long")["models"]
    assert [one["path"] for one in found["quantities"]] == ["/pricing/text/prompt"]


def test_an_invoice_is_explained_with_the_tier_of_each_row() -> None:
    columns = "time,model,prompt_tokens,requests"
    rows = ("2026-03-11T10:00:00Z,steps,129000,1", "2026-03-11T10:00:00Z,steps,200000,1")
    Path("invoice.csv").write_text("model,amount\nsteps,0.858\n")
    shown = document("audit", usage("u.csv", *rows, columns=columns), "--invoice", "invoice.csv")
    assert shown["invoice"][0]["agrees"]


@pytest.mark.parametrize(("digits", "number"), [("6999999", 1), ("7", 1), ("7000001", 0)])
def test_events_are_asked_for_with_all_digits(digits: str, number: int) -> None:
    shown = document("events", "--since", f"2026-03-10T12:00:00.{digits}Z")
    assert len(shown["events"]) == number
