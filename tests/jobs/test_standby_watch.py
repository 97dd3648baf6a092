"""A service says where commits wait for a standby, without a flood, and when none does any more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.jobs.standby_watch import StandbyWatch, said
from pricetrail.storage import standbys
from pricetrail.storage.database import Database
from pricetrail.storage.standbys import Waiting

REMEDY = "bring one back, or take it out of synchronous_standby_names"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("waiting", "many", "long"),
    [
        (Waiting(1, timedelta(seconds=31)), "1 commit has", "31 s"),
        (Waiting(12, timedelta(hours=3)), "12 commits have", "3 h"),
    ],
)
def test_how_many_wait_and_how_long_is_said_with_the_remedy(
    waiting: Waiting, many: str, long: str
) -> None:
    assert said(waiting) == f"{many} waited for a synchronous standby, for {long}: {REMEDY}"


def test_it_is_said_at_first_now_and_then_and_once_it_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "pricetrail.service")
    seconds, found = [100.0], [Waiting(2, timedelta(minutes=4))]
    monkeypatch.setattr(standbys, "waiting", lambda _: found[0] if found else None)
    watch = StandbyWatch(database, clock=lambda: seconds[0])

    def lines(*after: float) -> list[str]:
        caplog.clear()
        for each in after:
            seconds[0] += each
            watch.look()
        return caplog.messages

    told = said(found[0])
    if database.sqlite_path is not None:
        assert lines(0, 15, 900) == []
        return
    assert lines(0) == [told]
    assert lines(1, 13, 1, *[15] * 38) == []
    assert lines(15) == [told]
    found.clear()
    # Not before it is time to look again.
    assert lines(1) == []
    assert lines(15, 15) == ["no commit waits for a standby any more, after 616 s"]
