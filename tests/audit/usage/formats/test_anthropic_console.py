"""The CSV of Anthropic's Console: the cache is apart from the input, a column tells the tier."""

from pathlib import Path

from tests.audit.conftest import History, MakePricer
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
from tests.support.histories import catalog, model, tokens

NO_CACHE, OUTPUT = "usage_input_tokens_no_cache", "usage_output_tokens"
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


def test_a_day_on_which_the_price_changed_is_bracketed(pricer_of: MakePricer) -> None:
    cheap, dear = (catalog(model("claude-x", tokens(p, "0.000015"))) for p in ("0.000003", "0.004"))
    history: History = [
        ("2026-03-05T00:00:00Z", cheap),
        ("2026-03-05T12:00:00Z", cheap),
        ("2026-03-05T12:00:01Z", dear),
        ("2026-03-07T00:00:00Z", dear),
    ]
    pricer = pricer_of(history)
    lines = "".join(f"2026-03-0{day},claude-x,1000,0\n" for day in (5, 6))
    rows, _ = text_of("c.csv", f"usage_date_utc,model_version,{NO_CACHE},{OUTPUT}\n{lines}")
    results = [pricer.price(row) for row in rows]
    assert [getattr(result, "certainty", None) for result in results] == ["bracketed", "observed"]


def test_older_exports_have_fewer_columns() -> None:
    head = "usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,"
    head += "usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n"
    (row,), reading = text_of("old.csv", head + "2026-03-05,claude-x,k,w,standard,8,0,1,2\n")
    assert reading.name == "anthropic-console"
    assert used(row) == {"prompt": 8, "completion": 1, "web_searches": 2}
