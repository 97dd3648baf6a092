"""The same address, whether a proxy takes the root path away or leaves it."""

import pytest
from starlette.types import Scope

from pricetrail.web.access.addresses import below_root, for_programs, path_of


def scope(path: str) -> Scope:
    return {"type": "http", "path": path, "root_path": ""}


@pytest.mark.parametrize(
    ("came", "path"),
    [
        *(("/catalog", "/catalog"), ("/prices/catalog", "/catalog"), ("/", "/")),
        *(("/prices", "/"), ("/prices/", "/"), ("/pricesx", "/pricesx")),
        ("/prices/prices/catalog", "/prices/catalog"),
    ],
)
def test_both_kinds_of_proxies_lead_to_the_same_page(came: str, path: str) -> None:
    found = below_root(scope(came), "/prices")
    assert path_of(found) == path
    assert found["root_path"] == "/prices"
    assert found["path"].startswith("/prices")


def test_without_a_root_path_nothing_changes() -> None:
    assert below_root(scope("/prices/x"), "") == scope("/prices/x")
    assert path_of(scope("/prices/x")) == "/prices/x"


def test_programs_are_told_from_people_by_the_path() -> None:
    programs = ("/api/v1/sources", "/v1/models", "/s/a/v1/models", "/at/x/v1/models", "/feed.atom")
    assert all(map(for_programs, programs))
    assert not any(map(for_programs, ("/", "/catalog", "/sources", "/static/x", "/v1x")))
