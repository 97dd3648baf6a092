"""Which names may have been meant to be `at` or `source`."""

import pytest
from starlette.requests import Request

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.web.api.slips import refuse_slips


def asked(query: str) -> None:
    scope = {"type": "http", "query_string": query.encode(), "headers": []}
    refuse_slips(Request(scope), in_path=(("source", None), ("at", None)))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *((name, "at") for name in ("AT", "a", "ta", "att", "as", "as_of", "as-of", "time")),
        *((name, "source") for name in ("SOURCE", "sorce", "soruce", "sources", "spurce", "src")),
    ],
)
def test_a_slip_is_named(name: str, meant: str) -> None:
    with pytest.raises(InvalidInputError, match=f"did you mean {meant}"):
        asked(f"{name}=2026-03-01")


@pytest.mark.parametrize("name", ["limit", "after", "before", "order", "user", "resource_id", "q2"])
def test_any_other_name_is_none_of_ours(name: str) -> None:
    asked(f"{name}=1")
