"""Money that is not in US dollars: refused, or converted by the rate that was given."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pricetrail.commands.audits import document, history, run, usage


@pytest.fixture(autouse=True)
def _history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    history(sqlite_url)
    usage("usage.csv", "10:30,gpt-5,100000,0")  # 0.30 USD


def invoiced(text: str, *options: str, name: str = "invoice.csv") -> dict[str, Any]:
    Path(name).write_text(text, encoding="utf-8")
    shown = document("audit", "usage.csv", "--invoice", name, *options)
    (found,) = shown["invoice"]
    return {"rates": shown.get("rates"), "currency": shown["currency"], **found}


EUROS = [
    ("invoice.csv", "model,amount,currency\ngpt-5,0.30,EUR\n"),
    ("invoice.csv", "model;amount;amount_currency\ngpt-5;0.30;eur\n"),
    ("invoice.csv", "model,cost_eur\ngpt-5,0.30\n"),
    ("invoice.csv", "model,Amount (EUR)\ngpt-5,0.30\n"),
    ("invoice.csv", "model,amount\ngpt-5,€0.30\n"),
    ("invoice.csv", "model,amount\ngpt-5,0.30 €\n"),
    ("invoice.csv", "model,amount\ngpt-5,0.30 EUR\n"),
    ("invoice.csv", "model,amount,currency\ngpt-5,0.30,€\n"),
    ("invoice.jsonl", '{"model":"gpt-5","amount":"0.30","currency":"EUR"}\n'),
]


@pytest.mark.parametrize(("name", "text"), EUROS)
def test_another_currency_is_refused_without_a_rate_and_converted_with_it(
    name: str, text: str
) -> None:
    Path(name).write_text(text, encoding="utf-8")
    stderr = run("audit", "usage.csv", "--invoice", name, code=2).stderr
    assert "EUR" in stderr
    assert "--rate EUR=1.08" in stderr
    found = invoiced(text, "--rate", "EUR=1.08", name=name)
    assert (found["invoiced"], found["difference"], found["agrees"]) == ("0.324", "0.024", False)
    assert (found["rates"], found["currency"]) == ({"EUR": "1.08"}, "USD")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.decimals("0.01", 1000, places=2),
    st.decimals("0.0001", 200, places=4),
    st.sampled_from(["GBP", "JPY", "CHF"]),
)
def test_a_rate_converts_exactly(amount: Decimal, rate: Decimal, currency: str) -> None:
    text = f"model,amount,currency\ngpt-5,{amount},{currency}\ngpt-5,1.00,USD\n"
    found = invoiced(text, "--rate", f"{currency}={rate}")
    assert Decimal(found["invoiced"]) == amount * rate + 1


def test_each_currency_of_a_file_needs_its_rate() -> None:
    text = "model,amount,currency\ngpt-5,0.10,EUR\ngpt-5,0.10,GBP\n"
    Path("invoice.csv").write_text(text)
    options = ("audit", "usage.csv", "--invoice", "invoice.csv", "--rate", "EUR=1.5")
    assert "invoice.csv:3: its money is in GBP" in run(*options, code=2).stderr
    assert invoiced(text, "--rate", "EUR=1.5", "--rate", "gbp=1.5")["agrees"]


def test_dollars_need_no_rate_and_their_own_column_goes_first() -> None:
    assert invoiced("model,amount,currency\ngpt-5,0.30,usd\n")["agrees"]
    assert invoiced("model,amount,amount_usd,currency\ngpt-5,0.27,0.30,EUR\n")["agrees"]


def test_an_amount_in_two_currencies_is_refused() -> None:
    Path("invoice.csv").write_text("model,amount,currency\ngpt-5,€0.30,USD\n")
    stderr = run("audit", "usage.csv", "--invoice", "invoice.csv", code=2).stderr
    assert "EUR and in USD" in stderr


@pytest.mark.parametrize("rate", ["EUR", "EUR=", "=1", "EUR=0", "EUR=-1", "USD=1", "EUR=1,08"])
def test_a_rate_that_means_nothing_is_refused(rate: str) -> None:
    assert "write EUR=1.08" in run("audit", "usage.csv", "--rate", rate, code=2).stderr


def test_two_rates_for_one_currency_are_refused() -> None:
    options = ("--rate", "EUR=1", "--rate", "EUR=2")
    assert "EUR has two rates" in run("audit", "usage.csv", *options, code=2).stderr


@pytest.mark.parametrize(
    ("more", "cells"),
    [
        ("currency", "CHF"),
        ("cost,currency", "0.003,CHF"),
        ("cost_chf", "0.003"),
        ("cost", "0.003 CHF"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "whatif", "usage import"])
def test_usage_with_money_in_another_currency_is_refused(
    command: str, more: str, cells: str
) -> None:
    name = usage("u.csv", f"10:30,gpt-5,1000,{cells}", columns=f"time,model,prompt_tokens,{more}")
    swap = ("--swap", "gpt-5=draw") if command == "whatif" else ()
    refused = run(*command.split(), name, *swap, code=2).stderr
    assert "u.csv:2: its money is in CHF" in refused
    run(*command.split(), name, *swap, "--rate", "CHF=1.1")


def test_an_audit_without_a_priced_row_ends_with_3_and_its_document() -> None:
    name = usage("u.csv", "10:30,gpt-6,1,1", "10:30,gpt-5,1.500,1")
    result = run("audit", name, "--json", code=3)
    shown = json.loads(result.stdout)
    assert (shown["total"], shown["lines"], len(shown["unpriced"])) == ("0", [], 2)
    assert "no row of u.csv could be priced" in result.stderr
