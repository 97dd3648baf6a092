"""The catalog for a spreadsheet."""

import csv
import io
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.conftest import Recording
from tests.web.conftest import MakeClient
from tests.web.market import EVIL, market, now

pytestmark = pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)


@pytest.fixture
def client(site_client: MakeClient, with_history: Callable[[Recording], str]) -> TestClient:
    return site_client(with_history(market), clock=now)


def table(client: TestClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/catalog.csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_a_row_has_the_exact_prices_of_a_model(client: TestClient) -> None:
    (claude,) = table(client, "?q=claude")
    assert claude == {
        "source": "shop",
        "version": "3",
        "model": "anthropic/claude",
        "display_name": "Anthropic/Claude",
        "type_target": "openai",
        "kind": "token",
        "text.prompt USD/token": "0.000003",
        "text.completion USD/token": "0.000015",
        "cache.read USD/token": "0.0000003",
        "visible_since": "2026-01-05T10:00:00Z",
        "prices_since": "2026-01-05T10:00:00Z",
    }


def test_all_that_match_are_in_it_in_the_order_of_the_page(client: TestClient) -> None:
    names = [row["model"] for row in table(client, "?sort=-text.prompt&kind=token")]
    assert names[0] == "openai/gpt:batch"
    assert len(names) == 4


def test_no_cell_is_a_formula(client: TestClient) -> None:
    (evil,) = table(client, "?q=calc")
    assert evil["model"] == f"'{EVIL}"
    assert evil["text.completion USD/token"] == "free"


def test_the_file_is_named_for_its_version(client: TestClient) -> None:
    answer = client.get("/catalog.csv?at=2026-03-01")
    assert answer.headers["content-disposition"] == 'attachment; filename="catalog-shop-1.csv"'
    assert "immutable" in answer.headers["cache-control"]
