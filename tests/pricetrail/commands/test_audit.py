"""`pricetrail audit`: a bill recomputed."""

import gzip
import json
from pathlib import Path

import pytest

from tests.pricetrail.commands.audits import document, history, run, table, usage
from tests.pricetrail.commands.running import refused


@pytest.fixture(autouse=True)
def _history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    history(sqlite_url)


ROWS = (
    "10:30,gpt-5,1000,200",
    "11:30,gpt-5,1000,200",
    "12:30,gpt-5,250000,0",
    "12:30,draw,,",
    "12:40,gpt-6,1000,200",
)


def test_the_json_document_is_the_contracts() -> None:
    shown = document("audit", usage("usage.csv", *ROWS))
    assert {key: shown[key] for key in ("total", "currency", "rows")} == {
        "total": "1.512",
        "currency": "USD",
        "rows": 5,
    }
    assert shown["lines"][0] == {
        "line": 2,
        "model": "gpt-5",
        "at": "2026-03-01T10:30:00Z",
        "cost": "0.006",
        "certainty": "observed",
        "version": 1,
        "parts": [
            {
                "path": "/pricing/text/prompt",
                "quantity": "1000",
                "amount": "0.000003",
                "cost": "0.003",
            },
            {
                "path": "/pricing/text/completion",
                "quantity": "200",
                "amount": "0.000015",
                "cost": "0.003",
            },
        ],
    }
    assert [line["line"] for line in shown["lines"]] == [2, 3, 4]
    assert shown["uncertain"] == [
        {
            "line": 3,
            "model": "gpt-5",
            "at": "2026-03-01T11:30:00Z",
            "certainty": "bracketed",
            "cost": "0.006",
            "cost_other": "0.007",
            "why": "the price changed between 2026-03-01T11:00:00Z and 2026-03-01T12:00:00Z",
        }
    ]
    near = "no model 'gpt-6' was ever seen; did you mean gpt-5?"
    assert [(one["line"], one["model"], one["why"]) for one in shown["unpriced"]] == [
        (5, "draw", "it has no quantity"),
        (6, "gpt-6", near),
    ]


def test_a_long_prompt_is_charged_by_the_tier_it_names() -> None:
    columns = "time,model,prompt_tokens,cached_tokens"
    rows = ("12:30,gpt-5,100000,100000", "12:30,gpt-5,100000,100001")
    shown = document("audit", usage("usage.csv", *rows, columns=columns))
    assert [[part["path"] for part in line["parts"]] for line in shown["lines"]] == [
        ["/pricing/text/prompt", "/pricing/cache/read"],
        ["/pricing/tiers/over_200k/text/prompt", "/pricing/cache/read"],
    ]


def test_totals_are_per_model_and_per_price() -> None:
    shown = document("audit", usage("usage.csv", *ROWS))
    change = {
        "version": 2,
        "not_before": "2026-03-01T11:00:00Z",
        "not_after": "2026-03-01T12:00:00Z",
    }
    first = {"version": 1, "not_before": None, "not_after": "2026-03-01T10:00:00Z"}
    assert shown["models"] == [
        {
            "model": "gpt-5",
            "rows": 3,
            "cost": "1.512",
            "intervals": [
                {"from": first, "until": change, "rows": 2, "cost": "0.012"},
                {"from": change, "until": None, "rows": 1, "cost": "1.5"},
            ],
        }
    ]


def test_sums_are_exact_where_floats_are_not() -> None:
    rows = ["10:30,gpt-5,1,0"] * 7
    assert document("audit", usage("usage.csv", *rows))["total"] == "0.000021"


def test_people_see_totals_and_what_there_is_to_doubt() -> None:
    result = run("audit", usage("usage.csv", *ROWS))
    lines = result.stdout.splitlines()
    assert lines[0].startswith("audit of pipellm  price seen from")
    assert lines[1].split() == ["gpt-5", "3", "$1.51"]
    assert lines[2].split()[-2:] == ["2", "$0.012"]
    assert lines[4].split() == ["total", "3", "$1.51"]
    assert "2 rows not priced, and not in the sums:" in lines
    assert "1 row at an uncertain cost:" in lines
    assert "2 of 5 rows could not be priced: not in the total of 1.512 USD" in result.stderr


def test_only_the_first_doubts_are_shown_and_the_rest_counted() -> None:
    rows = ["10:30,gpt-6,1,0"] * 9
    shown = run("audit", usage("usage.csv", *rows), code=3).stdout
    assert shown.count("gpt-6: no model") == 5
    assert "and 4 more: -o FILE or --json lists all of them" in shown


def test_remarks_are_named_and_unknown_columns_refused() -> None:
    columns = "time,model,images,team"
    result = run("audit", usage("usage.csv", "12:30,draw,2,x", columns=columns))
    assert "ignored columns: team" in result.stderr
    refused = run("audit", usage("usage.csv", columns="time,model,imges"), code=2)
    assert "unknown column 'imges'; did you mean images?" in refused.stderr


def test_openai_style_counts_nothing_twice() -> None:
    columns = "time,model,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens"
    name = usage("usage.csv", "12:30,gpt-5,1000,400,300,100", columns=columns)
    assert document("audit", name, "--style", "openai")["total"] == "0.00702"
    assert document("audit", name)["total"] == "0.01012"


def test_lines_go_to_a_file_that_says_what_each_row_cost() -> None:
    shown = document("audit", usage("usage.csv", *ROWS), "--out", "lines.csv")
    assert "lines" not in shown
    assert (shown["out"], shown["rows"], len(shown["unpriced"])) == ("lines.csv", 5, 2)
    lines = table("lines.csv")
    assert [(line["cost"], line["certainty"], line["version"]) for line in lines] == [
        ("0.006", "observed", "1"),
        ("0.006", "bracketed", "1"),
        ("1.5", "observed", "2"),
        ("", "", ""),
        ("", "", ""),
    ]
    assert lines[0]["parts"] == "text.prompt 1000 × 0.000003; text.completion 200 × 0.000015"
    assert lines[1]["cost_other"] == "0.007"
    assert lines[3]["why"] == "it has no quantity"


def test_a_formula_in_a_name_is_text_in_the_csv() -> None:
    run("audit", usage("usage.csv", "10:30,=cmd(),1,1"), "--out", "lines.csv", code=3)
    assert table("lines.csv")[0]["model"] == "'=cmd()"


def test_lines_in_jsonl_are_those_of_the_document() -> None:
    lines = document("audit", usage("usage.csv", *ROWS))["lines"]
    run("audit", "usage.csv", "--out", "lines.jsonl")
    text = Path("lines.jsonl").read_text(encoding="utf-8").splitlines()
    written = [json.loads(line) for line in text]
    assert written[0] == lines[0]
    assert written[1]["cost_other"] == "0.007"
    assert written[4]["cost"] is None


def test_a_file_of_lines_is_written_whole_or_not_at_all() -> None:
    Path("lines.csv").write_text("precious")
    usage("usage.jsonl", '{"time":"x"}', columns='{"time":"2026-03-01","model":"a","images":1}')
    Path("usage.jsonl").write_text('{"model":"a","images":1}\n{"zzz":1}\n')
    run("audit", "usage.jsonl", "--out", "lines.csv", code=2)
    assert Path("lines.csv").read_text() == "precious"
    refused = run("audit", "usage.jsonl", "--out", "lines.xls", code=2)
    assert "name it .csv or .jsonl" in refused.stderr


def test_an_invoice_is_explained_by_the_price_before_the_change() -> None:
    rows = ("10:30,gpt-5,100000,0", "12:30,gpt-5,100000,0", "12:30,gpt-6,1,1")
    name = usage("usage.csv", *rows)
    Path("invoice.csv").write_text("model,amount\ngpt-5,0.60\ndraw,1.00\n")
    (draw, gpt, other) = document("audit", name, "--invoice", "invoice.csv")["invoice"]
    assert (gpt["invoiced"], gpt["audited"], gpt["difference"]) == ("0.6", "0.7", "-0.1")
    assert [(e["charged"], e["total"], e["explains"]) for e in gpt["explanations"]] == [
        ("before", "0.6", True),
        ("after", "0.8", False),
    ]
    assert gpt["explanations"][0]["change"]["not_after"] == "2026-03-01T12:00:00Z"
    assert (draw["audited"], draw["difference"]) == (None, "1")
    assert (other["model"], other["unpriced"]) == ("gpt-6", 1)
    shown = run("audit", name, "--invoice", "invoice.csv").stdout
    assert (
        "gpt-5: at the price before the change of 2026-03-01T12:00:00Z for all later use, it would "
        "be $0.60: this is what the invoice says"
    ) in shown
    assert "draw: on the invoice, and not in the usage" in shown
    assert "gpt-6: 1 row could not be priced" in shown


def test_an_invoice_that_agrees_says_so() -> None:
    name = usage("usage.csv", "10:30,gpt-5,100001,0")
    Path("invoice.csv").write_text("model,amount\ngpt-5,0.30\n")
    shown = run("audit", name, "--invoice", "invoice.csv").stdout
    assert shown.splitlines()[-1].split() == ["gpt-5", "$0.30", "$0.300003", "agrees"]


def test_what_cannot_be_read_ends_with_2_and_no_history_with_3() -> None:
    assert "cannot read nowhere.csv" in run("audit", "nowhere.csv", code=2).stderr
    name = usage("usage.csv", *ROWS)
    assert "cannot read bill.csv" in run("audit", name, "--invoice", "bill.csv", code=2).stderr
    assert "no source 'other'" in run("audit", name, "--source", "other", code=3).stderr


def test_an_audit_without_a_priced_row_ends_with_3_and_its_document() -> None:
    name = usage("u.csv", "10:30,gpt-6,1,1", "10:30,gpt-5,1.500,1")
    result = run("audit", name, "--json", code=3)
    shown = json.loads(result.stdout)
    assert (shown["total"], shown["lines"], len(shown["unpriced"])) == ("0", [], 2)
    assert "no row of u.csv could be priced" in result.stderr


def test_an_invoice_in_another_currency_is_converted_by_the_rate_that_was_given() -> None:
    name = usage("usage.csv", "10:30,gpt-5,100000,0")  # 0.30 USD
    Path("invoice.csv").write_text("model,amount,currency\ngpt-5,0.30,EUR\n")
    options = ("audit", name, "--invoice", "invoice.csv")
    assert "its money is in EUR" in run(*options, code=2).stderr
    shown = document(*options, "--rate", "EUR=1.08")
    (found,) = shown["invoice"]
    assert (found["invoiced"], found["difference"], found["agrees"]) == ("0.324", "0.024", False)
    assert (shown["rates"], shown["currency"]) == ({"EUR": "1.08"}, "USD")


@pytest.mark.parametrize("command", ["audit", "whatif", "usage import"])
def test_usage_with_money_in_another_currency_needs_a_rate(command: str) -> None:
    name = usage("u.csv", "10:30,gpt-5,1000,9 CHF", columns="time,model,prompt_tokens,cost")
    swap = ("--swap", "gpt-5=draw") if command == "whatif" else ()
    assert "u.csv:2: its money is in CHF" in run(*command.split(), name, *swap, code=2).stderr
    run(*command.split(), name, *swap, "--rate", "CHF=1.1")


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_an_input_that_breaks_off_half_way_leaves_the_old_file(cut: int) -> None:
    rows = ["10:30,gpt-5,1000,200"] * 1000
    whole = gzip.compress(Path(usage("usage.csv", *rows)).read_bytes(), mtime=0)
    Path("usage.csv.gz").write_bytes(whole[:-cut])
    Path("lines.csv").write_text("old", encoding="utf-8")
    assert "damaged or cut off" in refused(2, "audit", "usage.csv.gz", "-o", "lines.csv", "--force")
    assert Path("lines.csv").read_text(encoding="utf-8") == "old"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


HEAD = "starting_at,ending_at,model,uncached_input_tokens,output_tokens"


def test_stderr_says_what_a_file_was_read_as_and_what_was_left_out() -> None:
    rows = (
        "2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,gpt-5,1000,200",
        "2026-03-01T11:00:00Z,2026-03-01T12:00:00Z,,,",
        "Totals,,,1000,200",
    )
    name = usage("u.csv", *rows, columns=HEAD)
    result = run("audit", name, "--json", "--timezone", "Europe/Berlin")
    assert json.loads(result.stdout)["rows"] == 1
    assert result.stderr.splitlines() == [
        "read as anthropic-api",
        "--timezone is not used: times of anthropic-api are UTC",
        "left out 1 row without any usage",
        "left out 1 line of totals",
    ]
    assert run("audit", name, "--json", "--quiet").stderr == ""
    assert "read as" not in run("audit", usage("own.csv", *ROWS)).stderr


def test_nothing_priced_names_the_most_frequent_reasons() -> None:
    rows = ["10:30,nope,1,", "10:30,nope,1,", "10:30,,1,", "10:30,gpt-5,x,"]
    result = run("audit", usage("u.csv", *rows), "--json", code=3)
    assert json.loads(result.stdout)["lines"] == []
    assert "2 rows: no model 'nope' was ever seen" in result.stderr
    assert "1 row: it names no model" in result.stderr
    empty = "2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,,,"
    result = run("audit", usage("u.csv", empty, columns=HEAD), code=3)
    assert "could be priced: it has none with any use" in result.stderr


def test_a_file_of_any_columns_is_read_with_what_is_told_to_add() -> None:
    name = usage("odd.csv", "10:30,x/gpt-5,1000,7", columns="when,engine,promt_tokens,zzz")
    message = refused(2, "audit", name)
    assert "--map promt_tokens=prompt_tokens --map when=time --map engine=model" in message
    options = message[message.index("--map") :].split()
    shown = document("audit", name, *options, "--model", "x/*=*")
    assert shown["total"] == "0.003"
