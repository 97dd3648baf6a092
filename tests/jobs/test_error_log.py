"""What goes wrong is one line: its kind and place, no secret, and no flood."""

import logging
import time

import pytest

from pricetrail.jobs import error_log
from pricetrail.jobs.error_log import ErrorLog, described
from pricetrail.jobs.source import Source
from pricetrail.storage.errors import DatabaseUnavailableError, DatabaseUnreachableError

SECRET = "https://hooks.example.com/secret"


def failing() -> Exception:
    """An error that came from inside a library, with a secret in its text."""
    try:
        Source(name="x", url=SECRET, api_key="k", schedule="every 15m").no_such_thing  # type: ignore[attr-defined]  # noqa: B018 - it is to fail
    except AttributeError as error:
        return RuntimeError(SECRET).with_traceback(error.__traceback__)
    raise AssertionError


def test_an_unexpected_error_is_named_by_its_kind_and_place() -> None:
    text = described(failing())
    assert text.startswith("unexpected RuntimeError in tests/jobs/test_error_log.py:")
    assert SECRET not in text


def test_one_of_ours_is_logged_by_its_text() -> None:
    assert described(DatabaseUnavailableError("it is locked")) == "it is locked"


def test_the_same_one_is_not_logged_again_at_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    many, error = ErrorLog(), failing()
    for number in range(300):
        many.report(f"webhook {number}", error)
    many.report("poll", DatabaseUnavailableError("it is locked"))
    assert [record.message.partition(":")[0] for record in caplog.records] == ["webhook 0", "poll"]
    fields = [vars(record)["fields"] for record in caplog.records]
    assert [(it.get("webhook"), it.get("job")) for it in fields] == [("0", None), (None, "poll")]
    monkeypatch.setattr(error_log, "REPEAT_AFTER", 0.0)
    many.report("webhook 7", error)
    assert "299 times more" in caplog.records[-1].message


def away(what: str) -> DatabaseUnreachableError:
    return DatabaseUnreachableError(f"cannot reach postgresql://db/prices: {what}")


def test_a_database_that_is_away_is_one_line_and_one_more_once_it_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    log, before = ErrorLog(), time.monotonic()
    log.reached(before)
    assert caplog.records == []
    for what in ("shutting down", "Connection refused", "starting up"):
        log.report("poll", away(what))
    # It had begun before the server went.
    log.reached(before)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    for _ in range(2):
        log.reached(time.monotonic())
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert caplog.records[-1].message.startswith("the database answers again, after ")


def test_one_that_goes_and_comes_all_the_time_makes_no_flood(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    log = ErrorLog()
    for _ in range(50):
        log.report("deliver", away("terminating connection"))
        log.reached(time.monotonic())
    assert len(caplog.records) == 2
    monkeypatch.setattr(error_log, "REPEAT_AFTER", 0.0)
    log.report("poll", away("Connection refused"))
    assert "49 times more" in caplog.records[-1].message
