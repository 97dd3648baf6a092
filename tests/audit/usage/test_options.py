"""What a person says of a file of usage."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog import bills


def read(text: str, options: ReadingOptions, name: str = "usage.csv") -> list[Row]:
    Path(name).write_text(text, encoding="utf-8")
    return list(UsageTable(Path(name), options).read())


def one(text: str, options: ReadingOptions, name: str = "usage.csv") -> UsageRow:
    (row,) = read(text, options, name)
    assert isinstance(row, UsageRow), row
    return row


ROLES = {
    "prompt": bills.PROMPT,
    "prompt_tokens": bills.PROMPT,
    "Cache Read": bills.CACHE_READ,
    "context-window": "context_window",
    "cost": "cost",
    "team": "team",
    "request_id": "request",
    "/pricing/generation/image/per_step": "/pricing/generation/image/per_step",
}


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_a_role_has_a_name_or_is_what_a_known_column_holds(name: str, role: str) -> None:
    options = ReadingOptions.parse(maps=[f"A column, odd={name}"])
    assert options.role("a COLUMN odd") == role
    assert options.role("another") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"maps": ["x"]}, "write column=role"),
        ({"maps": ["x=nonsense"]}, "a role is one of time, end, model"),
        ({"maps": ["x=prompt", "X=completion"]}, "X has two roles"),
        ({"timezone": "Mars/Phobos"}, "no such time zone"),
        ({"models": ["gpt-5"]}, "write old=new"),
        ({"models": ["a*=b*c*"]}, "more \\* in the new name"),
        ({"form": "excel"}, "must be one of anthropic-api"),
        ({"rates": ["EUR"]}, "write EUR=1.08"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageFileError, match=said):
        ReadingOptions.parse(**given)  # type: ignore[arg-type]  # each case has its own


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("openai/gpt-5", "gpt-5"),
        ("openai/a/b", "a/b"),
        ("claude-x-20250929", "claude-x"),
        ("o3-2025", "o3-pro"),
        ("eu.vendor.m-v1:0", "vendor/m"),
        ("other", "other"),
        ("x" * 600, "x" * 600),
    ],
)
def test_models_have_other_names_by_the_first_glob_that_matches(name: str, renamed: str) -> None:
    models = ["openai/*=*", "claude-x-*=claude-x", "o?-2025=o3-pro", "o3*=never"]
    models += ["eu.*.*-v*:*=*/*"]
    assert ReadingOptions.parse(models=models).model(name) == renamed


def test_a_glob_of_many_stars_takes_no_time() -> None:
    options = ReadingOptions.parse(models=["*a*a*a*a*a*a*a*a*b=c"])
    assert options.model("a" * 500) == "a" * 500


def test_columns_of_any_name_are_read_by_their_roles() -> None:
    options = ReadingOptions.parse(
        maps=["Wann=time", "Modell=model", "Rein=prompt", "Raus=completion", "Preis EUR=cost"],
        ignored=["Wer war es?"],
        rates=["EUR=2"],
        models=["m-*=*"],
        timezone="Europe/Berlin",
    )
    text = "Wann;Modell;Rein;Raus;Preis EUR;Wer war es?\n2026-03-05 11:00:00;m-x;12;3;0,5;ich\n"
    row = one(text, options)
    assert row.model == "x"
    assert row.used == {"prompt": 12, "completion": 3}
    assert (row.time_text, str(row.reported)) == ("2026-03-05T10:00:00Z", "1.0")


def test_a_column_that_was_named_goes_before_one_that_is_known() -> None:
    options = ReadingOptions.parse(maps=["billed=prompt"])
    text = "time,model,prompt_tokens,billed\n2026-03-05,m,1,7\n"
    assert one(text, options).used == {"prompt": 7}
    for keys in (("prompt_tokens", "billed"), ("billed", "prompt_tokens")):
        numbers = {"billed": 7, "prompt_tokens": 1}
        document = {"time": "2026-03-05", "model": "m"} | {name: numbers[name] for name in keys}
        assert one(json.dumps(document), options, "u.jsonl").used == {"prompt": 7}


def test_members_of_any_object_can_be_named() -> None:
    options = ReadingOptions.parse(maps=["llm.in=prompt", "llm.name=model"], ignored=["llm.x"])
    document = {"time": "2026-03-05", "llm": {"in": 12, "name": "m", "x": {"y": 1}}}
    row = one(json.dumps(document), options, "u.jsonl")
    assert row.model == "m"
    assert row.used == {"prompt": 12}


def test_many_columns_are_left_out_at_once_but_for_those_that_were_named() -> None:
    maps = ["result.message.model=model", "result.message.usage.input_tokens=prompt"]
    options = ReadingOptions.parse(maps=maps, ignored=["result.*", "X *"])
    message = {"id": "m", "model": "m", "usage": {"input_tokens": 7, "output_tokens": 5}}
    line = {"time": "2026-03-05", "x y": 1, "result": {"type": "ok", "message": message}}
    assert one(json.dumps(line), options, "u.jsonl").used == {"prompt": 7}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-07-01 12:00:00", "2026-07-01T10:00:00Z"),
        ("2026-01-01T12:00:00.5", "2026-01-01T11:00:00.500Z"),
        ("2026-07-01 12:00:00+00", "2026-07-01T12:00:00Z"),
        ("2026-07-01", "2026-07-01"),
    ],
)
def test_times_without_an_offset_are_those_of_the_zone(when: str, said: str) -> None:
    options = ReadingOptions(zone=ZoneInfo("Europe/Berlin"))
    assert one(f"time,model,images\n{when},m,1\n", options).time_text == said


def test_a_day_is_that_of_the_zone_however_long_it_is() -> None:
    options = ReadingOptions(zone=ZoneInfo("Europe/Berlin"))
    row = one("date,model,images\n2026-03-29,m,1\n", options)
    assert row.until is not None
    assert (row.until - row.at).total_seconds() == 23 * 3600


@pytest.mark.parametrize("when", ["2026-10-25 02:30:00", "2026-03-29 02:30:00"])
def test_a_time_that_was_twice_or_never_has_no_price(when: str) -> None:
    options = ReadingOptions(zone=ZoneInfo("Europe/Berlin"))
    (row,) = read(f"time,model,images\n{when},m,1\n", options)
    assert isinstance(row, BadRow)
    assert "twice, or never: write its offset" in row.why


def test_without_a_zone_such_times_have_no_price_and_say_what_helps() -> None:
    (row,) = read("time,model,images\n2026-03-05 10:00:00,m,1\n", ReadingOptions())
    assert isinstance(row, BadRow)
    assert row.why.endswith("or say --timezone")
    (row,) = read("time,model,images\nyesterday,m,1\n", ReadingOptions())
    assert isinstance(row, BadRow)
    assert "--timezone" not in row.why
