"""OpenAI's dashboard: cached tokens are part of the input; days without use are empty rows."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import DEFAULTS
from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    ABOVE,
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

FILE = example("openai-usage.csv")
OLD = (
    "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,"
    "api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens\n"
)


def test_cached_tokens_are_part_of_the_input_and_audio_is_apart_from_text() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.empty, reading.ignored) == ("openai-usage", 1, set())
    assert [used(row) for row in rows] == [
        {"requests": 12, "prompt": 30000, "cache_read": 60000, "completion": 3000},
        {"requests": 4, "prompt": 20000, "completion": 800},
        {"requests": 1, "prompt": 1000, "completion": 100},
        {
            "requests": 2,
            "prompt": 400,
            "completion": 150,
            "input_audio_tokens": 100,
            "output_audio_tokens": 50,
        },
    ]


def test_rows_say_their_day_their_tier_and_whose_they_are() -> None:
    rows, _ = read(FILE)
    told = [(row.time_text, row.service, dict(row.labels)) for row in map(use, rows)]
    first = {"key": "key_1", "user": "user_1", "project": "proj_a"}
    second = {"key": "key_2", "project": "proj_b"}
    assert told == [
        ("2026-03-05", "", first),
        ("2026-03-05", "batch", first),
        ("2026-03-05", "priority", second),
        ("2026-03-07", "", second),
    ]


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    text = FILE.read_text(encoding="utf-8").splitlines()
    kept = [line for n, line in enumerate(text) if n in (0, 1, 4, 5)]
    rows, _ = text_of("usage.csv", "\n".join(kept))
    assert len(rows) == 2
    document = audited(pricer_of, Path("usage.csv"))
    usual = cost(GPT, prompt=30000, cache_read=60000, completion=3000)
    assert costs(document) == [(usual, "observed")]
    assert "gpt-realtime" in document["unpriced"][0]["why"]


def test_a_sum_of_requests_is_never_put_into_a_tier(pricer_of: MakePricer) -> None:
    line = "1772668800,1772755200,,,,{},,,claude-x,,,900000,1000,0\n"
    text_of("u.csv", OLD + line.format(30) + line.format(1))
    document = audited(pricer_of, Path("u.csv"))
    below, above = (cost(prices, prompt=900000, completion=1000) for prices in (CLAUDE, ABOVE))
    assert costs(document) == [(below, "uncertain"), (above, "observed")]
    (doubt,) = document["uncertain"]
    assert (Decimal(doubt["cost"]), Decimal(doubt["cost_other"])) == (below, above)


def test_a_time_without_any_use_has_no_other_columns() -> None:
    head = "start_time,end_time,start_time_iso,end_time_iso\n"
    line = "1772668800,1772755200,2026-03-05T00:00:00+00:00,2026-03-06T00:00:00+00:00\n"
    rows, reading = text_of("u.csv", head + line * 3)
    assert (rows, reading.name, reading.empty) == ([], "openai-usage", 3)
    with pytest.raises(UsageFileError, match="there is no column 'model'"):
        text_of("u.csv", head.replace("\n", ",input_tokens\n"))


def test_a_style_of_its_own_needs_no_option_and_takes_none() -> None:
    text = OLD + "1772668800,1772755200,,,,3,,,gpt-5,,,1000,300,600\n"
    for style in ("disjoint", "openai"):
        (row,), reading = text_of("u.csv", text, replace(DEFAULTS, style=style))
        assert used(row) == {"requests": 3, "prompt": 400, "cache_read": 600, "completion": 300}
        assert reading.name == "openai-usage"


def test_a_column_of_later_months_is_not_lost_where_it_counts_something() -> None:
    text = OLD.replace("\n", ",input_video_tokens,colour\n")
    text += "1772668800,1772755200,,,,3,,,gpt-5,,,1000,300,600,0,red\n"
    text += "1772668800,1772755200,,,,3,,,gpt-5,,,1000,300,600,70,red\n"
    (first, second), reading = text_of("u.csv", text)
    assert "inputvideotokens" not in used(first)
    assert used(second)["inputvideotokens"] == 70
    assert reading.ignored == {"colour"}
