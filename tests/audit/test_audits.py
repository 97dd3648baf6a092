"""An audit of a file: rows that sum up requests, days and stretches, and what is done with each."""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.audit.aggregate import aggregate
from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.what_if import what_if
from pricetrail.catalog.aliases import grouped
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.atomic import Target
from pricetrail.storage.database import Database
from tests.pricetrail.commands.audits import usage
from tests.support.histories import build, catalog, model, tokens

pytestmark = pytest.mark.slow


def priced(prompt: str, above: str, **tiers: Any) -> dict[str, Any]:
    tier = {"text": {"prompt": above}}
    return tokens(prompt, "0.00002", tiers={"over_200k": tier, **tiers})


@pytest.fixture
def pricer(sqlite_url: str) -> Iterator[Pricer]:
    """`long` and `steps` have tiers, `flat` has none; `long` gets dearer on the 10th at noon."""
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
    yield Pricer.of(database, "pipellm")
    database.close()


def document(pricer: Pricer, name: str) -> dict[str, Any]:
    """The whole JSON document of an audit of a file."""
    with closing(RowSpools(lines=True)) as spools:
        report = audit(pricer, AuditRequest.read(Path(name)), spools)
        found: dict[str, Any] = json.loads("".join(spools.pieces(report.as_json())))
    return found


def only(pricer: Pricer, name: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The one line of an audit, and its entry among the uncertain ones."""
    shown = document(pricer, name)
    (line,) = shown["lines"]
    (doubt,) = shown["uncertain"] or [None]
    assert shown["total"] == line["cost"]
    return line, doubt


def one_row(
    pricer: Pricer, columns: str, cells: str
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    head = "time,model,prompt_tokens"
    row = f"2026-03-05T10:00:00Z,{cells}"
    return only(pricer, usage("usage.csv", row, columns=f"{head},{columns}"))


@pytest.mark.parametrize(
    "column",
    ["requests", "num_model_requests", "num_requests", "count", "n_requests", "request_count"],
)
def test_a_sum_is_never_put_into_a_tier(pricer: Pricer, column: str) -> None:
    line, doubt = one_row(pricer, column, "long,900000,30")
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
def test_a_sum_is_certain_where_no_tier_is_open(pricer: Pricer, cells: str, cost: str) -> None:
    line, doubt = one_row(pricer, "requests", cells)
    assert (line["cost"], line["certainty"], doubt) == (cost, "observed", None)


@pytest.mark.parametrize("number", ["", "0", "2"])
def test_a_number_of_requests_that_is_not_one_leaves_the_tier_open(
    pricer: Pricer, number: str
) -> None:
    line, _ = one_row(pricer, "requests", f"long,900000,{number}")
    assert (line["cost"], line["certainty"]) == ("2.7", "uncertain")


def test_the_tier_of_what_was_not_used_leaves_a_sum_certain(pricer: Pricer) -> None:
    columns = "time,model,completion_tokens,cached_tokens,requests"
    row = "2026-03-05T10:00:00Z,flat,900000,0,30"
    line, doubt = only(pricer, usage("usage.csv", row, columns=columns))
    assert (line["certainty"], doubt) == ("observed", None)


def test_any_threshold_is_a_tier_and_the_highest_passed_wins(pricer: Pricer) -> None:
    assert one_row(pricer, "requests", "steps,131072,1")[0]["cost"] == "0.262144"
    assert one_row(pricer, "requests", "steps,131073,1")[0]["cost"] == "0.393219"
    line, doubt = one_row(pricer, "requests", "steps,200000,9")
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
def test_a_column_that_tells_the_tier_decides(
    pricer: Pricer, window: str, cost: str, certainty: str
) -> None:
    line, _ = one_row(pricer, "requests,context_window", f"long,900000,30,{window}")
    assert (line["cost"], line["certainty"]) == (cost, certainty)


@given(requests=st.integers(1, 50), prompt=st.integers(1, 2_000_000))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_true_cost_lies_between_the_two_that_are_told(
    pricer: Pricer, requests: int, prompt: int
) -> None:
    line, doubt = one_row(pricer, "requests", f"long,{prompt},{requests}")
    below, above = prompt * Decimal("0.000003"), prompt * Decimal("0.000006")
    if requests == 1:
        assert Decimal(line["cost"]) == (above if prompt > 200_000 else below)
        assert doubt is None
    else:
        assert Decimal(line["cost"]) == below
        told = None if doubt is None else Decimal(doubt["cost_other"])
        assert told == (above if prompt > 200_000 else None)


def test_a_row_of_a_day_or_of_a_stretch_is_a_sum_unless_it_says_one(pricer: Pricer) -> None:
    for when in ("2026-03-05", "2026-03-05T10:00Z"):
        columns = "time,model,prompt_tokens"
        line, _ = only(pricer, usage("usage.csv", f"{when},long,900000", columns=columns))
        assert line["certainty"] == ("uncertain" if len(when) == 10 else "observed")
    columns = "start_time,end_time,model,prompt_tokens,requests,request_id"
    for more, certainty in ((",", "uncertain"), ("1,", "observed"), (",x7", "observed")):
        name = usage("usage.csv", f"1772668800,1772755200,long,900000,{more}", columns=columns)
        line, _ = only(pricer, name)
        assert (line["at"], line["certainty"]) == ("2026-03-05", certainty)


def test_a_sum_across_a_change_is_told_with_the_cost_that_differs_most(pricer: Pricer) -> None:
    name = usage("usage.csv", "2026-03-10,long,900000,30", columns="date,model,prompt_tokens,count")
    line, doubt = only(pricer, name)
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
def test_a_date_is_the_whole_day(
    pricer: Pricer, day: str, cost: str, certainty: str, other: str | None
) -> None:
    name = usage("usage.csv", f"{day},long,1000", columns="date,model,prompt_tokens")
    line, doubt = only(pricer, name)
    assert (line["at"], line["cost"], line["certainty"]) == (day, cost, certainty)
    assert (doubt["cost_other"] if doubt else None) == other


def test_a_day_that_history_begins_in_is_priced_and_uncertain(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    found = catalog(model("new", tokens("0.1", "1")))
    build(database, "other", [("2026-03-05T10:00:00Z", found), ("2026-03-07T00:00:00Z", found)])
    name = usage("usage.csv", "2026-03-05,new,10", columns="date,model,prompt_tokens")
    line, doubt = only(Pricer.of(database, "other"), name)
    database.close()
    assert (line["cost"], line["certainty"]) == ("1", "gap")
    assert doubt is not None
    assert doubt["why"] == "a part of that time is before the first snapshot"


def test_a_stretch_is_certain_only_where_the_price_held_all_along(pricer: Pricer) -> None:
    columns = "start_time,end_time,model,prompt_tokens"
    held = "2026-03-10T11:00:00Z,2026-03-10T12:00:00.5Z,long,1000"
    line, doubt = only(pricer, usage("usage.csv", held, columns=columns))
    assert (line["at"], doubt) == ("2026-03-10T11:00:00Z/2026-03-10T12:00:00.500Z", None)
    changed = "2026-03-10T11:00:00Z,2026-03-10T13:00:00Z,long,1000"
    line, doubt = only(pricer, usage("usage.csv", changed, columns=columns))
    assert doubt is not None
    assert (doubt["cost"], doubt["cost_other"]) == ("0.003", "0.004")


def test_a_stretch_that_ends_before_it_begins_has_no_price(pricer: Pricer) -> None:
    columns = "start_time,end_time,model,prompt_tokens"
    rows = ("2026-03-05,2026-03-06,long,1", "2026-03-05,2026-03-04,long,1")
    shown = document(pricer, usage("usage.csv", *rows, columns=columns))
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
def test_every_digit_of_a_time_counts_in_every_notation(
    pricer: Pricer, when: str, certainty: str
) -> None:
    name = usage("u.csv", f'"{when}",long,1000', columns="time,model,prompt_tokens")
    line, _ = only(pricer, name)
    assert line["certainty"] == certainty
    text = when if when.replace(".", "").isdigit() else json.dumps(when)
    Path("u.jsonl").write_text(f'{{"time":{text},"model":"long","prompt_tokens":1000}}\n')
    same, _ = only(pricer, "u.jsonl")
    assert (same["at"], same["cost"]) == (line["at"], line["cost"])


def test_what_if_and_usage_import_treat_sums_alike(pricer: Pricer) -> None:
    columns = "date,model,prompt_tokens,count"
    table = UsageTable(Path(usage("u.csv", "2026-03-05,flat,900000,30", columns=columns)))
    total = what_if(pricer, table.read(), {"flat": "long"}).total
    assert (total.now, total.then, total.uncertain) == (Decimal("2.7"), Decimal("2.7"), 1)
    table = UsageTable(Path(usage("u.csv", "2026-03-05,long,900000,30", columns=columns)))
    assert [path for _, _, path in aggregate(table.read(), pricer).quantities] == [
        "/pricing/text/prompt"
    ]


def test_an_invoice_is_explained_with_the_tier_of_each_row(pricer: Pricer) -> None:
    columns = "time,model,prompt_tokens,requests"
    rows = ("2026-03-11T10:00:00Z,steps,129000,1", "2026-03-11T10:00:00Z,steps,200000,1")
    Path("invoice.csv").write_text("model,amount\nsteps,0.858\n")
    name = usage("u.csv", *rows, columns=columns)
    comparison = report_of(pricer, name, invoice=Path("invoice.csv")).comparison
    assert comparison is not None
    assert comparison.models[0].agrees


def report_of(
    pricer: Pricer, name: str, invoice: Path | None = None, out: Target | None = None
) -> AuditReport:
    request = AuditRequest.read(Path(name), ReadingOptions.parse(rates=("EUR=1.08",)), invoice, out)
    return audit(pricer, request)


def test_an_audit_writes_its_lines_and_says_where(pricer: Pricer) -> None:
    columns = "time,model,prompt_tokens,team"
    rows = ("2026-03-05T10:00:00Z,flat,10,x", "2026-03-05T10:00:00Z,gone,10,y")
    out = Target(Path("lines.jsonl"))
    report = report_of(pricer, usage("u.csv", *rows, columns=columns), out=out)
    assert (report.source, report.rows, report.priced) == ("pipellm", 2, 1)
    assert (report.ignored_columns, report.out) == (("team",), "lines.jsonl")
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["cost"] for line in lines] == ["0.00003", None]


def test_progress_tells_the_bytes_that_were_read(pricer: Pricer) -> None:
    name = usage("u.csv", *["2026-03-05T10:00:00Z,flat,10"] * 50, columns="time,model,prompt")
    read: list[int] = []
    audit(pricer, AuditRequest.read(Path(name)), None, read.append)
    assert sum(read) == Path(name).stat().st_size


def test_what_a_person_gave_is_checked_before_any_usage_is_read() -> None:
    nowhere = Path("nowhere.csv")
    for invoice, out in ((nowhere, None), (None, Target(Path("lines.xls")))):
        with pytest.raises(InvalidInputError):
            AuditRequest.read(nowhere, ReadingOptions(), invoice, out)
    reading = ReadingOptions("openai", {"EUR": Decimal(2)})
    assert AuditRequest.read(nowhere, reading).usage.options is reading


def test_an_invoice_by_another_name_of_the_model_is_held_against_it(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    listed = catalog(model("x/big", tokens("0.1", "1")), model("own", tokens("0.1", "1")))
    build(database, "s", [("10:00", listed), ("15:00", listed)])
    pricer = Pricer.of(database, "s", grouped({"big": ["x/big"], "own": ["own-2"], "no": ["n"]}))
    rows = [f"2026-03-01T11:00:00Z,{name},10" for name in ("big", "own")]
    Path("bill.csv").write_text("model,amount\nbig,1\nown-2,3\nown,1\nno,5\n", encoding="utf-8")
    name = Path(usage("u.csv", *rows, columns="time,model,prompt"))
    request = AuditRequest.read(name, ReadingOptions(), Path("bill.csv"))
    comparison = audit(pricer, request).comparison
    assert comparison is not None
    assert {one.model: (str(one.difference), one.agrees) for one in comparison.models} == {
        "x/big": ("0.0", True),
        "own": ("0.0", True),
        "own-2": ("3", False),
        "no": ("5", False),
    }
    database.close()


@pytest.mark.parametrize(
    ("ways", "ignored"),
    [(None, ("app", "team")), ("team", ("app",)), ("day,team", ("app",)), ("day", ("app", "team"))],
)
def test_what_rows_are_added_up_by_is_not_said_to_be_ignored(
    pricer: Pricer, ways: str | None, ignored: tuple[str, ...]
) -> None:
    head = "time,model,prompt_tokens,team,app"
    file = usage("usage.csv", "2026-03-05T10:00:00Z,flat,9,search,x", columns=head)

    report = audit(pricer, AuditRequest.read(Path(file), group_by=ways))

    assert report.ignored_columns == ignored
