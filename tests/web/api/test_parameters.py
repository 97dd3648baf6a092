"""What the addresses below `/api` may be asked with."""

import pytest
from starlette.testclient import TestClient

from pricetrail.web.api.parameters import asked_at
from tests.support.histories import at


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/v1/models?time=2026-03-01", "unknown parameter 'time'"),
        ("/api/v1/models/m/price?At=2026-03-01", "unknown parameter 'At'; did you mean at?"),
        ("/api/v1/models/m/history?at=2026-03-01", "unknown parameter 'at'; valid: field, s"),
        ("/api/v1/sources?x=1", "unknown parameter 'x'; valid: after, label, limit, name"),
        ("/api/v1/head?source=s&source=t", "source is given 2 times: give it once"),
        ("/api/v1/diff?from=1", "to: missing: add to=VALUE"),
        ("/api/v1/diff?from=1&to=never", "'never' is not a version"),
        (
            "/api/v1/deliveries?state=lost",
            "state: must be one of pending, leased, delivered, dead, cancelled",
        ),
        ("/api/v1/deliveries?limit=0", "limit: too small: write 1 or more"),
        ("/api/v1/coverage?month=2026-13", "month: not of this form: write one such as 2026-03"),
        ("/api/v1/sources?label=team", "label: not of this form: write one such as team=search"),
        ("/api/v1/deliveries?limit=many", "limit: not a whole number: write one such as 20"),
        ("/api/v1/deliveries?limit=1000001", "limit: too large: write 1000000 or less"),
        ("/api/v1/prices/csv.json", "must be one of litellm, models.dev, genai-prices"),
        ("/feed.atom?before=9223372036854775808", "too large: write a number below 92233"),
        ("/api/v1/models/m/price?at=noon", "at: 'noon' is not a time"),
    ],
)
def test_what_an_address_does_not_take_is_refused(
    client: TestClient, address: str, said: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["status"] == 400
    assert said in answer.json()["detail"]


def test_a_plus_that_was_not_escaped_is_one() -> None:
    assert asked_at("at", "2026-03-01T11:00:00 01:00") == at("10:00")
    assert asked_at("at", "2026-03-01T11:00:00+01:00") == at("10:00")
    assert asked_at("at", "2026-03-01T10:00:00 Z") == at("10:00")
    assert asked_at("at", "2026-03-01 10:00Z") == at("10:00")
    assert asked_at("at", " now ") is None
