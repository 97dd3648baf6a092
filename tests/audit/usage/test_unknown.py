"""A file that cannot be told: all columns at once, the nearest format, and lines to copy."""

import shlex
from pathlib import Path

import pytest

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.errors import exit_code


def refused(text: str, name: str = "usage.csv", options: ReadingOptions = DEFAULTS) -> str:
    Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageFileError) as caught:
        list(UsageTable(Path(name), options).read())
    assert exit_code(caught.value) == 2
    return str(caught.value)


def test_all_unknown_columns_are_told_at_once() -> None:
    said = refused("time,model,promt_tokens,Shoe Size,zzz\n2026-03-05,m,1,2,3\n")
    assert said.startswith(
        "usage.csv: 3 unknown columns: 'promt_tokens' (prompt_tokens?), 'Shoe Size', 'zzz'"
    )
    assert "--map promt_tokens=prompt_tokens --ignore 'Shoe Size' --ignore zzz" in said


@pytest.mark.parametrize("title", ["Usage of March\n", "Usage of March,,\n"])
def test_a_title_above_the_columns_is_told_for_what_it_is(title: str) -> None:
    said = refused(f"{title}time,model,prompt_tokens\n2026-03-05,m,1\n")
    assert said.startswith("usage.csv: the first line, 'Usage of March', names no columns: take")
    assert "--map" not in said


def test_the_options_that_are_told_can_be_copied() -> None:
    text = "when,engine,promt_tokens,Shoe Size\n2026-03-05,m,12,44\n"
    said = refused(text)
    words = shlex.split(said[said.index("--map") :])
    assert words == [
        *("--map", "promt_tokens=prompt_tokens", "--map", "when=time", "--map", "engine=model"),
        *("--ignore", "Shoe Size"),
    ]
    maps = [words[n + 1] for n, word in enumerate(words) if word == "--map"]
    options = ReadingOptions.parse(maps=maps, ignored=["Shoe Size"])
    (row,) = UsageTable(Path("usage.csv"), options).read()
    assert isinstance(row, UsageRow)
    assert row.model == "m"
    assert row.used == {"prompt": 12}


def test_the_nearest_format_is_named_with_what_is_missing() -> None:
    head = "request_id,model,prompt_tokens,completion_tokens,call_type,odd_column\n"
    said = refused(head)
    assert "the nearest format is litellm-spendlogs, but for spend" in said
    assert "there is no column 'time' (when it was used)" in said


def test_far_from_every_format_none_is_named() -> None:
    assert "nearest" not in refused("colour,shape\nred,round\n")


def test_unknown_members_of_an_object_are_told_at_once_with_the_line() -> None:
    line = '{"time": "2026-03-05", "model": "m", "prompt_tokens": 1%s}\n'
    said = refused(line % "" + line % ', "a1": 2, "b2": 3', "u.jsonl")
    assert said.startswith("u.jsonl:2: 2 unknown columns: 'a1', 'b2'")


@pytest.mark.parametrize(
    ("head", "whose"),
    [
        ("start_time,end_time,amount_value,amount_currency,line_item,project_id", "OpenAI's costs"),
        ("usage_date_utc,model,workspace,token_type,cost_usd,cost_type", "Anthropic's costs"),
    ],
)
def test_an_invoice_is_said_to_be_one(head: str, whose: str) -> None:
    assert f"these are {whose}, not usage: give them as --invoice" in refused(head + "\n")


def test_a_format_that_was_named_wrongly_says_what_is_missing() -> None:
    said = refused("a,b\n1,2\n", options=ReadingOptions(format="ccusage"))
    assert "there is no column 'time'" in said


def test_many_unknown_columns_are_counted() -> None:
    names = [f"q{number}zzz" for number in range(60)]
    said = refused("time,model,images," + ",".join(names) + "\n")
    assert "60 unknown columns" in said
    assert "and 20 more" in said
