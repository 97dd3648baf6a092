"""LiteLLM's daily sums: what came from or went to the cache is part of the prompt."""

from decimal import Decimal

import pytest

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    CLAUDE,
    GPT,
    audited,
    cost,
    costs,
    example,
    read,
    text_of,
    use,
    used,
)

FILE = example("litellm-daily.csv")


def test_the_cache_is_part_of_the_prompt() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("litellm-daily", set())
    assert [used(row) for row in rows] == [
        {"requests": 12, "prompt": 30000, "cache_read": 60000, "completion": 3000},
        {"requests": 2, "prompt": 400, "cache_read": 1600, "cache_write": 30, "completion": 300},
    ]
    assert [use(row).reported for row in rows] == [Decimal("0.075"), Decimal("0.0063")]
    assert use(rows[0]).labels == {"key": "hash_1", "user": "user_1"}


@pytest.mark.parametrize("hour", ["", " 00:00:00", "T00:00:00.000Z", " 00:00:00+00"])
def test_a_day_is_one_however_it_is_written(hour: str) -> None:
    head, line, _ = FILE.read_text(encoding="utf-8").splitlines()
    (row,), _ = text_of("daily.csv", f"{head}\n{line.replace('03-05,', f'03-05{hour},', 1)}\n")
    assert use(row).time_text == "2026-03-05"


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    assert costs(audited(pricer_of, FILE)) == [
        (cost(GPT, prompt=30000, cache_read=60000, completion=3000), "observed"),
        (cost(CLAUDE, prompt=400, cache_read=1600, cache_write=30, completion=300), "observed"),
    ]
