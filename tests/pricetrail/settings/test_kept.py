"""What the database keeps of a source is read as the configuration's table is."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from pricetrail.settings.files import Raw
from pricetrail.settings.kept import KeptSettings, read_source

RAW = Raw("etc/p.toml", {}, Path("etc"), from_file=True)
ENVIRON = {"KEY": "sk-1"}


def made(**table: Any) -> str:
    return json.dumps({"api_key": "env:KEY"} | table)


def test_a_table_is_read_by_the_same_rules() -> None:
    text = made(
        schedule="0 * * * *", labels={"team": "a"}, max_removed_percent=2.5, ca_file="c.pem"
    )
    source, problems = read_source("shop", text, RAW, ENVIRON)
    assert problems == []
    assert source is not None
    assert (source.api_key, source.ca_file, dict(source.labels)) == (
        *("sk-1", "etc/c.pem"),
        {"team": "a"},
    )
    assert str(source.max_removed_percent) == "2.5"


def test_what_is_wrong_says_that_it_is_in_the_database() -> None:
    not_set = "the environment variable NOWHERE is not set: set it, or write file:PATH"
    text = made(shedule="0 * * * *", api_key="env:NOWHERE", deadline="2d")
    source, problems = read_source("shop", text, RAW, ENVIRON)
    assert source is None
    assert sorted(map(str, problems)) == [
        f"source shop in the database: api_key: {not_set}",
        'source shop in the database: deadline: must be above zero and at most a day: write "60s"',
        "source shop in the database: shedule: unknown key; did you mean schedule?",
    ]
    assert {(it.section, it.name) for it in problems} == {("sources", "shop")}


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000])
def test_what_somebody_edited_is_told_with_the_way_out(text: str) -> None:
    source, [problem] = read_source("shop", text, RAW, ENVIRON)
    assert source is None
    assert "`pricetrail sources remove shop --keep-history`" in str(problem)


def test_each_is_read_once_and_a_fault_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    kept = KeptSettings(Path("etc"), ENVIRON)
    first = kept.source("shop", made())
    assert first is not None
    assert kept.source("shop", made()) is first
    changed = kept.source("shop", made(hold="1h"))
    assert changed is not None
    assert changed.hold != first.hold
    for _ in range(2):
        assert kept.source("bad", made(hold="soon")) is None
    with caplog.at_level(logging.ERROR):
        assert kept.source("bad", made(hold="never")) is None
        assert kept.source("bad", made(hold="never")) is None
    [line] = caplog.messages[-1:]
    assert line.startswith("source bad in the database: hold: not a duration")
    assert len([one for one in caplog.messages if "source bad" in one]) == 2
