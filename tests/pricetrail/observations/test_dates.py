"""Times in the names of files."""

import pytest

from catalog.times import rfc3339
from pricetrail.observations.dates import time_in


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("2026-11-23.json", "2026-11-23T00:00:00Z"),
        ("20261123.json", "2026-11-23T00:00:00Z"),
        ("2026_11_23.json.gz", "2026-11-23T00:00:00Z"),
        ("2026-11-23T10-00-06Z.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23T10:00:06Z.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23 10.00.06.json", "2026-11-23T10:00:06Z"),
        ("models_20261123_100006.json", "2026-11-23T10:00:06Z"),
        ("models-20261123T1000.json", "2026-11-23T10:00:00Z"),
        ("20261123100006.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23T10-00-06.250Z.json", "2026-11-23T10:00:06.250Z"),
        ("2026-11-23T10-00-06+0100.json", "2026-11-23T09:00:06Z"),
        ("gpt-5_2026-11-23_v2.json", "2026-11-23T00:00:00Z"),
    ],
)
def test_a_time_is_found(name: str, time: str) -> None:
    found = time_in(name)
    assert found is not None
    assert rfc3339(found) == time


@pytest.mark.parametrize(
    "name",
    [
        "models.json",
        "latest-1.json",
        "2026-13-01.json",
        "2026-02-30.json",
        "1763892000.json",
        "2026-11.json",
        "2026-11-23_to_2026-11-24.json",
        "2026-11-23T25-00-00Z.json",
        "２０２６-11-23.json",
    ],
)
def test_no_time_is_guessed(name: str) -> None:
    assert time_in(name) is None
