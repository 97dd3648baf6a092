"""A source's table: every problem at once, and no source where there is one."""

from pathlib import Path
from typing import Any

import pytest

from pricetrail.jobs.source import Source
from pricetrail.settings.files import Raw
from pricetrail.settings.problems import Problem
from pricetrail.settings.sources import source_of
from pricetrail.settings.where import Where

RAW = Raw("etc/p.toml", {}, Path("etc"), from_file=True)


def made(name: str = "s", *, secrets: bool = True, **table: Any) -> tuple[Source | None, list[str]]:
    source, problems = source_of(Where(RAW, "sources", name), table, {}, secrets=secrets)
    assert all(isinstance(problem, Problem) for problem in problems)
    return source, [problem.key.removeprefix("sources.s.") for problem in problems]


def test_every_problem_is_told_at_once() -> None:
    source, keys = made(
        url="http://example.com/",
        api_key="a b",
        auth="basic",
        schedule="*/90 * * * *",
        timezone="Mars/X",
        confirm_removals=0,
        hold="soon",
        max_price_ratio="0.5",
        ignore=["/pricing"],
        deadline="2d",
        labels={"1": "x"},
        ping="ftp://x",
        proxy="http://p/path",
        shedule="x",
    )
    assert source is None
    assert set(keys) == {
        *("api_key", "auth", "confirm_removals", "deadline", "hold", "ignore", "labels"),
        *("max_price_ratio", "ping", "proxy", "schedule", "shedule", "timezone", "url"),
    }
    assert len(keys) == 14


def test_a_sound_one_is_made_with_its_files_beside_the_configuration() -> None:
    source, keys = made(api_key="k", ca_file="own.pem")
    assert keys == []
    assert source is not None
    assert (source.name, source.ca_file) == ("s", "etc/own.pem")


@pytest.mark.parametrize("secrets", [True, False])
def test_a_public_list_needs_no_key(secrets: bool) -> None:
    source, keys = made(auth="none", secrets=secrets)
    assert keys == []
    assert source is not None
    assert source.api_key == ""
    assert made(auth="none", api_key="k") == (None, ["api_key"])


def test_a_missing_key_is_a_problem_only_where_it_is_needed() -> None:
    assert made(api_key="env:NOT_SET") == (None, ["api_key"])
    source, keys = made(api_key="env:NOT_SET", url="env:NOT_SET", ignore="/x", secrets=False)
    assert keys == []
    assert source is not None
    assert source.ignore == ("/x",)


def test_a_name_that_cannot_be_used_ends_the_search() -> None:
    source, keys = made("a\nb", api_key="k", hold="soon")
    assert source is None
    assert len(keys) == 2
