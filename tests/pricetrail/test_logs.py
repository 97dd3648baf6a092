"""Logs: one line an entry, and nothing secret in it."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from sqlalchemy.pool import QueuePool

from pricetrail import logs
from pricetrail.text.log_fields import fields


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before


def test_text_is_a_line_with_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    logging.getLogger("jobs").info("first\nsecond")
    told = capsys.readouterr().err
    assert told.endswith("Z info first second\n")


def test_names_from_outside_cannot_write_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "text")
    logging.getLogger("jobs").info("gpt-\x1b[31m5\u202e\rx")
    assert not {"\x1b", "\u202e", "\r"} & set(capsys.readouterr().err)


def test_json_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    logging.getLogger("jobs.polling").warning("a %s", "b")
    entry = json.loads(capsys.readouterr().err)
    assert (entry["level"], entry["logger"], entry["message"]) == ("warning", "jobs.polling", "a b")


def test_json_carries_fields_and_text_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)
    said = fields(
        source="a\x1b[31m",
        next_at=at,
        status=None,
        duration_ms=12,
        finished=True,
        webhooks=["b"],
        next_slots={"a": at, "c": None},
        # An entry's own names are never overwritten.
        level="silent",
    )
    for form in logs.FORMATS:
        logs.configure("info", form)
        assert logs.is_structured() is (form == "json")
        logging.getLogger("jobs").info("polled", extra=said)
    text, entry = capsys.readouterr().err.splitlines()
    assert text.endswith("Z info polled")
    found = json.loads(entry)
    assert found.pop("time")
    assert found == {
        "level": "info",
        "logger": "jobs",
        "message": "polled",
        "source": "a\ufffd[31m",
        "next_at": "2026-03-01T10:00:00.123Z",
        "duration_ms": 12,
        "finished": True,
        "webhooks": ["b"],
        "next_slots": {"a": "2026-03-01T10:00:00.123Z", "c": None},
    }


def test_an_exception_is_told_by_its_kind_alone(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    try:
        int("https://hooks.example.com/secret")
    except ValueError:
        logging.getLogger("jobs").exception("it broke")
    told = capsys.readouterr().err
    assert "it broke (ValueError)" in told
    assert "secret" not in told
    assert told.count("\n") == 1


def test_below_the_level_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "text")
    logging.getLogger("jobs").info("quiet")
    logging.getLogger("httpx").warning("GET https://secret")
    assert capsys.readouterr().err == ""


def test_a_connection_that_breaks_when_all_is_said_is_not_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("warning", "text")
    pool = QueuePool(lost)
    pool.connect().close()
    assert Broken.tried == ["rollback", "close"]
    assert capsys.readouterr().err == ""


def lost() -> Any:
    return Broken()


class Broken:
    """A driver's connection that is lost."""

    tried: ClassVar[list[str]] = []

    def rollback(self) -> None:
        self.tried.append("rollback")
        raise OSError("it is lost")

    def close(self) -> None:
        self.tried.append("close")
        raise OSError("it is lost")
