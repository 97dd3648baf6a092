"""`pricetrail.connect()`: typed answers for Python callers, from the usual database or another."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import pricetrail
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.client import Prices, Time
from pricetrail.queries.answers import Answer
from tests.pricetrail.commands.running import URL, document, made_up_history

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def prices() -> Iterator[Prices]:
    made_up_history()
    with pricetrail.connect(URL) as found:
        yield found


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        (None, "0.0000025"),
        ("2026-03-01T10:30:00Z", "0.000003"),
        (datetime(2026, 3, 1, 10, 30, tzinfo=UTC), "0.000003"),
    ],
)
def test_a_price_is_exact_and_as_certain_as_it_is(
    prices: Prices, at: Time | None, amount: str
) -> None:
    answer = prices.price("gpt-5", at, "text.prompt")
    assert (answer.certainty, answer.source) == ("observed", "s")
    [price] = answer.before.prices
    assert price.amount == Decimal(amount)


def test_every_answer_is_what_the_command_prints(prices: Prices) -> None:
    answers: dict[tuple[str, ...], Answer] = {
        ("price", "gpt-5"): prices.price("gpt-5"),
        ("models", "--at", "2026-03-01T10:30:00Z"): prices.models("2026-03-01T10:30:00Z"),
        ("compare", "gpt-5", "--field", "text"): prices.compare("gpt-5", field="text"),
        ("diff", "1", "latest"): prices.diff(1, "latest"),
        ("history", "gpt-5"): prices.history("gpt-5"),
        ("snapshots",): prices.snapshots(),
        ("events", "--type", "model.repriced"): prices.events(types=["model.repriced"]),
        ("events", "--model", "gpt-*", "--limit", "1"): prices.events(model="gpt-*", limit=1),
        ("coverage",): prices.coverage(),
        ("verify",): prices.verify(),
        ("snapshots", "show", "latest~1"): prices.snapshot("latest~1"),
    }
    for arguments, answer in answers.items():
        assert json.loads(json.dumps(answer.as_json())) == document(*arguments)


def test_long_answers_are_gone_through_again_and_again(prices: Prices) -> None:
    history = prices.history("gpt-5", "text.prompt", source="s")
    for _ in range(2):
        assert [entry.type for entry in history.entries] == ["baseline", "model.repriced"]
    versions = prices.snapshots()
    assert [row.version for row in versions.snapshots] == [
        row.version for row in versions.snapshots
    ]


def test_a_time_names_a_version(prices: Prices) -> None:
    before = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    answer = prices.diff(before, "2026-03-01T12:30:00Z")
    assert (answer.a, answer.b) == (1, 2)
    assert [item.model for item in answer.repriced] == ["gpt-5"]


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda prices: prices.price("gpt-5", "yesterday"), "is not a time"),
        (lambda prices: prices.models(datetime(2026, 3, 1)), "has no time zone"),  # noqa: DTZ001 - what is refused
        (lambda prices: prices.diff("first", "latest"), "is not a version"),
    ],
)
def test_what_cannot_be_used_is_refused(
    prices: Prices, ask: Callable[[Prices], object], problem: str
) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        ask(prices)


def test_what_is_not_there_is_not_found(prices: Prices) -> None:
    with pytest.raises(NotFoundError, match="did you mean gpt-5"):
        prices.price("gpt-55")
    with pytest.raises(NotFoundError):
        prices.history("gpt-5", "text.reasoning")


def test_without_a_url_it_is_the_usual_database(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up_history()
    Path("pricetrail.db").rename("prices.db")
    with pytest.raises(NotFoundError, match=r"pricetrail\.db: no database yet"):
        pricetrail.connect()
    assert not Path("pricetrail.db").exists()
    Path("pricetrail.toml").write_text('database_url = "sqlite:///prices.db"', encoding="utf-8")
    with pricetrail.connect() as prices:
        assert prices.models().version == 3
    Path("pricetrail.toml").unlink()
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///prices.db")
    with pricetrail.connect() as prices:
        assert prices.models().version == 3


def test_a_file_of_another_program_is_refused_and_left_alone() -> None:
    Path("notes.txt").write_text("not a database, just notes " * 100, encoding="utf-8")
    with pytest.raises(InvalidInputError, match="is not a database"):
        pricetrail.connect("sqlite:///notes.txt")
    with pytest.raises(InvalidInputError, match="database_url"):
        pricetrail.connect("prices.db")


def test_importing_it_costs_nothing_and_shadows_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import pricetrail; "
        "print(*sorted(name for name in set(sys.modules) - before if '.' not in name))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    imported = set(done.stdout.split())
    assert "pricetrail" in imported
    assert imported - {"pricetrail"} <= sys.stdlib_module_names


def test_what_was_closed_answers_no_more(prices: Prices) -> None:
    prices.close()
    prices.close()
    with pytest.raises(InvalidInputError, match="connect\\(\\) again"):
        prices.models()
