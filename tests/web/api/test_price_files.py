"""The files of other tools: what `export --as` writes."""

import pytest
from starlette.testclient import TestClient

from pricetrail.queries.price_files import FORMATS
from tests.pricetrail.commands.running import run


@pytest.mark.parametrize("form", FORMATS)
def test_a_price_file_is_what_the_command_writes(client: TestClient, form: str) -> None:
    at = "2026-03-01T10:30:00Z"
    for query, more in (("", []), (f"?at={at}&source=s", ["--at", at])):
        answer = client.get(f"/api/v1/prices/{form}.json{query}")
        _, out, _ = run("export", "--as", form, *more)
        assert answer.text == out
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["pricetrail-left-out"]) >= 0
        assert ("immutable" in answer.headers["cache-control"]) == bool(query)


def test_there_are_these_formats(client: TestClient) -> None:
    answer = client.get("/api/v1/prices/csv.json")
    assert (answer.status_code, "litellm, models.dev" in answer.json()["detail"]) == (400, True)
