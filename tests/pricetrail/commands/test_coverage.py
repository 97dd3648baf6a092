"""`pricetrail coverage`: which times good polls cover."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import URL, document, made_up_history, refused, shown
from tests.support.histories import build, catalog, failed, model

DAY = "2026-03-01T"


@pytest.fixture
def database() -> Iterator[Database]:
    prepare(URL)
    found = Database(URL)
    yield found
    found.close()


@pytest.fixture
def history() -> None:
    made_up_history()


@pytest.mark.usefixtures("history")
def test_coverage_tells_what_polls_cover() -> None:
    found = document("coverage")
    assert (found["from"], found["until"]) == (f"{DAY}10:00:00Z", f"{DAY}15:00:00Z")
    assert [one["outcome"] for one in found["stretches"]] == ["good", "good", "failed", "good"]
    assert found["gaps"] == [
        {"from": f"{DAY}12:00:00Z", "until": f"{DAY}14:00:00Z", "why": "503 from the gateway"}
    ]
    month = next(line for line in shown("coverage").splitlines() if line.startswith("2026-03 "))
    assert month.split() == ["2026-03", "40.00", "20.00", "40.00"]
    day = next(
        line
        for line in shown("coverage", "--month", "2026-03").splitlines()
        if "2026-03-01  " in line
    )
    assert day == "2026-03-01  ··········█▒··█" + "·" * 9


def test_one_failed_poll_covers_nothing(database: Database) -> None:
    failed(database, "s", "10:00", "401: the key was refused")
    found = document("coverage")
    assert (found["observed_percent"], found["bracketed_percent"]) == ("0.00", "0.00")
    told = shown("coverage")
    assert told == f"s: one poll so far, failed, at {DAY}10:00:00Z: 401: the key was refused\n"
    assert shown("snapshots") == "no snapshot yet: no poll has succeeded\n"
    assert document("snapshots") == {"snapshots": []}
    for arguments in (["models"], ["diff", "baseline", "latest"], ["snapshots", "show", "latest"]):
        assert "s has no snapshot yet: run `pricetrail poll`" in refused(3, *arguments)


def test_one_good_poll_covers_no_time_yet(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("a")))])
    assert document("coverage")["observed_percent"] == "0.00"
    assert shown("coverage") == f"s: one poll so far, good, at {DAY}10:00:00Z\n"
    assert document("price", "a")["certainty"] == "observed"


@pytest.mark.usefixtures("history")
def test_nothing_to_answer_from_is_exit_code_3() -> None:
    assert "no data" in refused(3, "coverage", "--month", "2031-01")


@pytest.mark.usefixtures("history")
def test_a_wrong_use_is_exit_code_2() -> None:
    assert "is not a month" in refused(2, "coverage", "--month", "March")
