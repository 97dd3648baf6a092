"""Alive, ready, and in numbers."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model
from tests.web.conftest import MakeClient


@pytest.fixture
def url(sqlite_url: str) -> str:
    database = Database(sqlite_url)
    build(database, "one", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b")))])
    database.close()
    return sqlite_url


def test_it_lives_whatever_the_database_is(site_client: MakeClient, tmp_path: object) -> None:
    client = site_client(f"sqlite:///{tmp_path}/nothing/here.db")
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code in (404, 503)
    assert answer.headers["content-type"].startswith("application/")


def test_it_is_ready_where_the_schema_is_right(site_client: MakeClient, url: str) -> None:
    client = site_client(url, clock=lambda: at("11:10"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert "overdue" not in answer.json()
    assert client.get("/readyz?sources=1").json()["overdue"] == []


def test_probes_need_no_token_and_metrics_do(site_client: MakeClient, url: str) -> None:
    client = site_client(url, tokens={"team": "t0ken-of-the-team"})
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 401
    bearer = {"authorization": "Bearer t0ken-of-the-team"}
    assert client.get("/metrics", headers=bearer).status_code == 200


def test_metrics_are_what_prometheus_reads(site_client: MakeClient, url: str) -> None:
    answer = site_client(url).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["pricetrail_version", "one"] == 2
    assert samples["pricetrail_polls_total", "changed", "one"] == 2
    assert samples["pricetrail_events_total", "model.added", "one"] == 1
    assert not any(name == "pricetrail_price_usd" for name, *_ in samples)


def test_prices_are_there_on_request_and_exact(site_client: MakeClient, url: str) -> None:
    text = site_client(url, metrics_prices=True).get("/metrics").text
    (prompt,) = [row for row in text.splitlines() if "/pricing/text/prompt" in row]
    assert prompt.endswith(" 0.000003")


def test_openmetrics_where_it_is_asked_for(site_client: MakeClient, url: str) -> None:
    headers = {"accept": "application/openmetrics-text; version=1.0.0"}
    answer = site_client(url).get("/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    assert answer.headers["vary"].lower() == "accept"
