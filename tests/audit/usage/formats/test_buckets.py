"""Buckets of time, and what pages alike without being usage."""

import pytest

from pricetrail.audit.usage.formats.buckets import refuse_costs, rows_of_bucket


def test_each_result_has_the_times_of_its_bucket() -> None:
    bucket = {"a": 1, "b": 2, "object": "bucket", "results": [{"x": 3}, {"a": 9}, "odd"]}
    assert list(rows_of_bucket(bucket, ("a", "b", "c"))) == [
        {"a": 1, "b": 2, "x": 3},
        {"a": 9, "b": 2},
    ]


@pytest.mark.parametrize("bucket", [{"x": 1}, {"x": 1, "results": None}])
def test_what_is_no_bucket_is_a_row_by_itself(bucket: dict[str, object]) -> None:
    assert list(rows_of_bucket(bucket, ("a",))) == [bucket]


def test_only_a_row_without_quantities_is_a_cost() -> None:
    assert "--invoice" in str(refuse_costs({"time": 1, "amount": 5}))
    assert refuse_costs({"time": 1, "prompt": 5, "amount": 5}) is None
    assert refuse_costs({"time": 1, "model": "m"}) is None
