"""Whatever is done to a history of another dialect behind our back is found."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from pricetrail.catalog.dialects import xai
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import Stage, staged
from tests.support import pruned
from tests.support.dialects import entry, native, spoken

# Of the last model, in the version of a change, the document of another version.
_DOCUMENT = """
UPDATE model_version SET base = NULL, document = (
  SELECT document FROM model_version AS first WHERE base IS NULL
  AND valid_from = 1 AND first.model_id = model_version.model_id)
WHERE valid_from = 4 AND model_id = (SELECT max(model_id) FROM model_version)
"""


@pytest.fixture
def stage(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Versions 1 and 2 by xai/1, 3 and 4 by xai/2, 5 with another field kept: 3 and 5 re-read."""
    with staged(sqlite_url, settings={"dialect": "xai"}) as stage:
        for version, price in ((1, "1"), (1, "2"), (2, "3")):
            spoken(monkeypatch, version)
            stage.poll(native(entry("a", price, cached=2, kind="x"), entry("b", price)))
        stage.poll(keep=("/kind",))
        assert stage.state.head_version == 5
        yield stage


def broken(stage: Stage, statement: str | None = None) -> tuple[int | None, str] | None:
    if statement is not None:
        with stage.database.write() as connection:
            assert connection.execute(text(statement)).rowcount
    with stage.database.read() as connection:
        found = verify(connection, stage.state).first_break
    return None if found is None else (found.version, found.what)


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE snapshot SET dialect = 'xai/2' WHERE version = 1", (1, "catalog")),
        ("UPDATE snapshot SET dialect = 'xai/7' WHERE version = 4", (4, "chain")),
        ("UPDATE snapshot SET dialect = 'nobody/1' WHERE version = 2", (2, "chain")),
        ("UPDATE snapshot SET dialect = NULL WHERE version = 4", (4, "body")),
        ("UPDATE snapshot SET dialect = NULL WHERE version = 5", (5, "dialect")),
        ("UPDATE snapshot SET keep = NULL WHERE version = 5", (5, "catalog")),
        ("UPDATE snapshot SET keep = '[\"/nope\"]' WHERE version = 5", (5, "catalog")),
        ("UPDATE snapshot SET keep = 'rubbish' WHERE version = 5", (5, "dialect")),
        ("UPDATE snapshot SET keep = '[\"/kind\"]' WHERE version = 4", (4, "catalog")),
        ("UPDATE snapshot SET removed = 1 WHERE version = 5", (5, "counts")),
        ("UPDATE snapshot SET repriced = 0 WHERE version = 4", (4, "counts")),
        (_DOCUMENT, (4, "models")),
        ("UPDATE price SET amount = '1' WHERE valid_from = 3", (3, "prices")),
        ("DELETE FROM event WHERE version = 4", (4, "events")),
        ("UPDATE event SET version = 3 WHERE version = 4 AND sequence = 0", (3, "counts")),
    ],
)
def test_what_was_changed_is_found(stage: Stage, statement: str, where: tuple[int, str]) -> None:
    # Version 1 of the dialect is gone: what it read is held to what is stored.
    assert broken(stage) is None
    assert broken(stage, statement) == where


def test_a_body_that_nothing_reads_any_more_is_held_to_its_hash(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xai, "VERSION", 99)
    assert broken(stage) is None
    full = "(SELECT body FROM snapshot WHERE version = 1)"
    changed = broken(
        stage, f"UPDATE snapshot SET body = {full}, body_base = NULL WHERE version = 2"
    )
    assert changed == (2, "body")


def test_pruned_bodies_are_as_good(stage: Stage) -> None:
    with stage.database.write() as connection:
        pruned.prune_bodies(connection, stage.now)
    assert broken(stage) is None
    assert broken(stage, "UPDATE snapshot SET dialect = NULL WHERE version = 1") == (1, "chain")
