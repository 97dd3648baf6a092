"""Looking after the database: only what was asked for goes, and a file shrinks."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from pricetrail.jobs import maintenance
from pricetrail.jobs.maintenance import Pruned, Upkeep
from pricetrail.storage import tables as t
from tests.jobs.stage import Stage, many, staged

pytestmark = pytest.mark.slow

NOTHING = timedelta(0)


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with staged(sqlite_url) as made:
        for number in (1, 2, 3, 3):
            made.poll(many(number))
        made.pass_time(hours=1)
        yield made


@pytest.mark.parametrize(
    ("ages", "pruned"),
    [
        ({}, Pruned()),
        ({"polls": NOTHING}, Pruned(polls=4)),
        ({"bodies": NOTHING}, Pruned(bodies=2)),
        ({"polls": NOTHING, "bodies": NOTHING, "deliveries": NOTHING}, Pruned(4, 2, 0)),
        ({"polls": timedelta(days=1), "bodies": timedelta(days=1)}, Pruned()),
    ],
)
def test_only_the_kinds_that_were_named_are_pruned(
    stage: Stage, ages: dict[str, timedelta], pruned: Pruned
) -> None:
    assert maintenance.prune(stage.database, **ages) == pruned
    numbers = {"polls": pruned.polls, "bodies": pruned.bodies, "deliveries": pruned.deliveries}
    assert pruned.as_json() == {"pruned": numbers}


def test_a_file_is_smaller_once_what_went_is_written_out_of_it(stage: Stage) -> None:
    for number in range(80):
        stage.poll(many(20 + number % 2))
    maintenance.prune(stage.database, polls=NOTHING, bodies=NOTHING)
    compacted = maintenance.compact(stage.database)
    assert compacted.after < compacted.before
    sizes = {"before": compacted.before, "after": compacted.after}
    assert compacted.as_json() == {"bytes": sizes}


def test_a_service_tells_once_what_does_not_fit_together(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = [0.0]
    upkeep = Upkeep(stage.database, clock=lambda: seconds[0])

    def told(at: float) -> list[str]:
        caplog.clear()
        seconds[0] = at
        upkeep.look()
        return [record.message for record in caplog.records if record.levelname == "ERROR"]

    assert told(0) == []
    with stage.database.write() as connection:
        connection.execute(text("UPDATE source SET head_version = 2"))
    # Looked at every ten minutes.
    assert told(599) == []
    found = told(600)
    assert any("source pipellm: version 3 is there, after its newest one" in one for one in found)
    assert all("`pricetrail verify` tells whether" in one for one in found)
    assert told(1200) == []
    with stage.database.write() as connection:
        connection.execute(text("UPDATE source SET head_version = 9"))
    assert len(told(1800)) == 1


def test_bodies_that_a_prune_left_behind_when_it_was_cut_off_go_with_the_next(
    stage: Stage,
) -> None:
    with stage.database.write() as connection:
        connection.execute(insert(t.shared_body).values(id=1, body=b"nobody's"))
    assert maintenance.prune(stage.database, bodies=timedelta(days=1)) == Pruned()
    with stage.database.read() as connection:
        assert connection.execute(select(t.shared_body)).all() == []
