"""What goes wrong is one line: its kind and place, no secret, and no flood."""

import logging

import pytest

from pricetrail.jobs import mishaps
from pricetrail.jobs.mishaps import Mishaps, described
from pricetrail.jobs.source import Source
from pricetrail.storage.errors import DatabaseUnavailableError

SECRET = "https://hooks.example.com/secret"


def failing() -> Exception:
    """An error that came from inside a library, with a secret in its text."""
    try:
        Source(name="x", url=SECRET, api_key="k", schedule="every 15m").no_such_thing  # type: ignore[attr-defined]  # noqa: B018 - it is to fail
    except AttributeError as error:
        return RuntimeError(SECRET).with_traceback(error.__traceback__)
    raise AssertionError


def test_an_unexpected_error_is_told_by_its_kind_and_place() -> None:
    told = described(failing())
    assert told.startswith("unexpected RuntimeError in tests/jobs/test_mishaps.py:")
    assert SECRET not in told


def test_one_of_ours_is_told_by_its_text() -> None:
    assert described(DatabaseUnavailableError("it is locked")) == "it is locked"


def test_the_same_one_is_not_said_again_at_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    many, error = Mishaps(), failing()
    for number in range(300):
        many.tell(f"webhook {number}", error)
    many.tell("poll", DatabaseUnavailableError("it is locked"))
    assert [record.message.partition(":")[0] for record in caplog.records] == ["webhook 0", "poll"]
    monkeypatch.setattr(mishaps, "AGAIN", 0.0)
    many.tell("webhook 7", error)
    assert "299 times more" in caplog.records[-1].message
