"""Prices over HTTP: what there is nothing to say about is told with what may have been meant."""

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/v1/models/mm/price", "no model 'mm' was ever seen; did you mean m?"),
        ("/api/v1/models/deep/prices/price", "did you mean deep/price"),
        ("/api/v1/models/m/history?field=text.promt", "it has: text.prompt"),
        ("/api/v1/models/m/price?at=2026-02-01", "the first is of 2026-03-01T09:00:00Z"),
        ("/api/v1/models/m/price?source=t", "there are: s"),
        ("/api/v1/models/m/cost", "there is no such"),
    ],
)
def test_there_may_be_nothing_to_answer_from(client: TestClient, address: str, said: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert said in answer.json()["detail"]


def test_several_sources_are_named(both: TestClient) -> None:
    for address in ("/api/v1/models", "/api/v1/models/m/price", "/api/v1/models/m/history"):
        answer = both.get(address)
        assert (answer.status_code, "(east, west)" in answer.json()["detail"]) == (400, True)
        assert both.get(address, params={"source": "west"}).status_code == 200
