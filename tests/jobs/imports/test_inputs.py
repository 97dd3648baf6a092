"""What is named on the command line, as one stream."""

from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports import inputs
from pricetrail.jobs.imports.observations import Observation

CATALOG = '{"object":"list","data":[],"total":0}'


def line(day: int) -> str:
    return f'{{"observed_at":"2026-11-{day:02}","payload":{CATALOG}}}\n'


def days(*paths: str) -> list[int]:
    found = inputs.from_paths([Path(path) for path in paths])
    counted: list[int] = []
    items = list(found.read(counted.append))
    assert sum(counted) == found.size
    return [int(rfc3339(item.observed_at)[8:10]) for item in items if isinstance(item, Observation)]


def test_files_may_be_named_in_any_order() -> None:
    Path("b.jsonl").write_text(line(1) + line(2), encoding="utf-8")
    Path("a.jsonl").write_text(line(3), encoding="utf-8")
    assert days("a.jsonl", "b.jsonl") == [1, 2, 3]


def test_dated_files_and_folders_of_them_go_together() -> None:
    Path("old").mkdir()
    for name in ("old/2026-11-02.json", "2026-11-03.json", "2026-11-01.json"):
        Path(name).write_text(CATALOG, encoding="utf-8")
    assert days("2026-11-03.json", "old", "2026-11-01.json") == [1, 2, 3]


def test_lines_in_a_file_named_json_are_lines() -> None:
    Path("history.json").write_text(line(1) + line(2), encoding="utf-8")
    assert days("history.json") == [1, 2]


def test_lines_and_documents_are_not_mixed() -> None:
    Path("2026-11-03.json").write_text(CATALOG, encoding="utf-8")
    Path("a.jsonl").write_text(line(3), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="separately"):
        days("2026-11-03.json", "a.jsonl")


def test_a_path_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="there is no nowhere"):
        days("nowhere")


def test_a_dated_file_whose_time_is_not_understood_is_not_taken_for_lines() -> None:
    Path("2026-11-03T10_EST.json").write_text(line(1), encoding="utf-8")
    with pytest.raises(
        InvalidInputError, match=r"2026-11-03T10_EST\.json says something beside the date"
    ):
        days("2026-11-03T10_EST.json")
