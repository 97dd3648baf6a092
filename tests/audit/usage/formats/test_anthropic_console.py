"""The CSV of Anthropic's Console: the cache is apart from the input, a column tells the tier."""

from pathlib import Path

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    ABOVE,
    CLAUDE,
    audited,
    cost,
    costs,
    example,
    read,
    text_of,
    use,
    used,
)

FILE = example("anthropic-console.csv")


def test_the_cache_is_apart_from_the_input() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("anthropic-console", set())
    assert used(rows[0]) == {
        "prompt": 400000,
        "cache_write": 10000,
        "cache_write_1h": 20000,
        "cache_read": 600000,
        "completion": 30000,
    }
    assert [use(row).service for row in rows] == ["", "", "batch", "fast"]
    assert [dict(row.labels)["project"] for row in map(use, rows)] == [
        *("Default", "Default", "Search", "Search")
    ]


def test_the_column_of_the_window_decides_about_the_tier(pricer_of: MakePricer) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()[:3]
    text_of("console.csv", "\n".join(lines))
    below = cost(
        CLAUDE,
        prompt=400000,
        cache_write=10000,
        cache_write_1h=20000,
        cache_read=600000,
        completion=30000,
    )
    above = cost(ABOVE, prompt=250000, completion=1000)
    document = audited(pricer_of, Path("console.csv"))
    assert costs(document) == [(below, "observed"), (above, "observed")]


def test_older_exports_have_fewer_columns() -> None:
    head = "usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,"
    head += "usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n"
    (row,), reading = text_of("old.csv", head + "2026-03-05,claude-x,k,w,standard,8,0,1,2\n")
    assert reading.name == "anthropic-console"
    assert used(row) == {"prompt": 8, "completion": 1, "web_searches": 2}
