"""Objects inside of a cell."""

from typing import Any

import pytest

from pricetrail.audit.usage.formats.nested import add_usage, object_of


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        (' {"a": {"b": 2}} ', {"a": {"b": 2}}),
        ({"a": 1}, {"a": 1}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('"{"', {}),
        ([("a", 1), ("b", None)], {"a": 1, "b": None}),
        ("", {}),
        (None, {}),
        ("[1]", {}),
        ('{"a": ', {}),
        ("text", {}),
    ],
)
def test_an_object_is_read_from_text_or_as_it_is(cell: object, found: Any) -> None:
    assert object_of(cell) == found


def test_a_rows_own_cells_go_before_what_its_usage_says() -> None:
    cells: dict[str, object] = {"prompt": "1000", "completion": "0", "model": "m"}
    usage: dict[str, object] = {
        "prompt_tokens": 5,
        "completion_tokens": 300,
        "model": "other",
        "cost": 1,
        "prompt_tokens_details": {"cached_tokens": 600},
        "service_tier": "flex",
        "odd_tokens": 3,
        "text": "x",
        "is_byok": True,
    }
    add_usage(cells, usage)
    assert cells == {
        "prompt": "1000",
        "completion": 300,
        "model": "m",
        "cache_read": 600,
        "service": "flex",
        "odd_tokens": 3,
    }
