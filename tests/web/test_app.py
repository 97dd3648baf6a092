"""The application as a whole."""

import pytest
from opentelemetry import trace

from pricetrail.catalog.errors import InvalidInputError
from tests.web.addresses import routes
from tests.web.conftest import MakeClient


@pytest.mark.parametrize("root", ["/api", "/v1/x", "/static", "/catalog", "/s"])
def test_a_root_path_that_is_a_pages_own_is_refused(site_client: MakeClient, root: str) -> None:
    with pytest.raises(InvalidInputError, match=r"web\.root_path: /\w+ is a page's own path"):
        site_client(root_path=root)


def test_any_other_is_taken(site_client: MakeClient) -> None:
    assert site_client(root_path="/prices/v1").get("/prices/v1/healthz").status_code == 200


def test_every_module_of_pages_and_of_the_api_is_found() -> None:
    found = {route.path for route in routes()}
    assert {"/", "/login", "/healthz", "/v1/models"} <= found


def test_nothing_is_redirected_for_a_slash(site_client: MakeClient) -> None:
    """It would name this server as the request did."""
    assert site_client().get("/catalog/").status_code == 404


def test_no_address_is_told_to_a_collector_of_traces(
    site_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    class Noting:
        def get_tracer(self, instrumenting_module_name: str, *_: object, **__: object) -> object:
            told.append(instrumenting_module_name)
            return trace.NoOpTracer()

    monkeypatch.setattr(trace, "get_tracer_provider", Noting)
    assert site_client().get("/healthz").status_code == 200
    assert told == []
