"""What does not fit together is found among the newest rows, at a cost that no history raises."""

import random
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, event, text

from pricetrail.alerts.webhooks import Webhook
from pricetrail.storage.verification.invariants import look
from tests.jobs.stage import Stage, many, staged
from tests.support.lives import Life

HOOKS = {"main": Webhook(name="main", url="http://localhost/", allow_private=True)}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url, webhooks=HOOKS) as made:
        for number in (2, 3, 3, 4):
            made.poll(many(number))
        yield made


def broken(stage: Stage) -> list[str]:
    with stage.database.read() as connection:
        return [str(one) for one in look(connection).broken]


def run(stage: Stage, *statements: str) -> None:
    with stage.database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_empty_database_and_a_sound_one_have_nothing_broken(
    stage: Stage, sqlite_url: str
) -> None:
    with staged(sqlite_url) as empty:
        assert broken(empty) == []
    assert broken(stage) == []


TWICE = (
    "INSERT INTO event (number, id, source_id, version, sequence, type, model_id, at, body)"
    " SELECT number + 1000, id, source_id, version, sequence, type, model_id, at, body FROM event"
    " WHERE number = (SELECT max(number) FROM event)"
)
OVERLAP = (
    "UPDATE coverage SET first_at = (SELECT min(first_at) FROM coverage)"
    " WHERE id = (SELECT max(id) FROM coverage)"
)
BACKWARDS = (
    "UPDATE coverage SET last_at = (SELECT min(first_at) FROM coverage)"
    " WHERE id = (SELECT max(id) FROM coverage)"
)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE source SET head_version = 2", "source pipellm: its head is not that of its"),
        ("UPDATE source SET head_version = 2", "source pipellm: version 3 is there, after its"),
        ("UPDATE source SET head_version = 9", "source pipellm: its version 9 is not there"),
        ("UPDATE source SET polls = 3", "source pipellm: more polls are counted"),
        ("UPDATE source SET polls_failed = 4", "source pipellm: more polls are counted"),
        ("UPDATE source SET head_version = 1", "is of version 3, which pipellm does not have yet"),
        ("UPDATE event SET version = 0", "version 0 of pipellm, which it is of, is not there"),
        (TWICE, "it is there twice"),
        (OVERLAP, "coverage of pipellm: stretches of good polls overlap"),
        (BACKWARDS, "coverage of pipellm: a stretch ends before it begins"),
        ("UPDATE delivery SET state = 'leased'", "it is leased, and its holder does not fit"),
        ("UPDATE delivery SET token = 'a'", "it is pending, and its holder does not fit"),
        ("UPDATE delivery SET state = 'delivered'", "it is delivered, and nothing tells when"),
        ("DELETE FROM event", "an event that it is to tell of is not there"),
    ],
)
def test_what_is_broken_by_hand_is_told(stage: Stage, statement: str, said: str) -> None:
    run(stage, statement)
    assert any(said in one for one in broken(stage)), broken(stage)


def test_of_each_kind_some_are_told_and_not_thousands(stage: Stage) -> None:
    stage.poll(many(12))
    run(stage, "UPDATE delivery SET token = 'a'")
    assert 2 <= len(broken(stage)) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_to_a_history_nothing_of_it_is_broken(sqlite_url: str, seed: int) -> None:
    with staged(sqlite_url, webhooks=HOOKS) as stage:
        life = Life(stage, seed)
        for _ in range(40):
            step = life.step()
            assert broken(stage) == [], step


def test_sources_take_their_turns(stage: Stage) -> None:
    for name in ("a", "b"):
        stage.poll(many(1), name=name)
    run(stage, "UPDATE source SET polls = 0 WHERE name = 'b'")
    with stage.database.read() as connection:
        first = look(connection, most=2)
        assert (first.broken, first.next_source > 0) == ([], True)
        second = look(connection, first.next_source, most=2)
        assert [one.what for one in second.broken] == ["source b"]
        assert second.next_source == 0


def counted(connection: Connection, work: Callable[[], object]) -> list[str]:
    made: list[str] = []

    def note(*execution: object) -> None:
        made.append(str(execution[2]))

    event.listen(connection, "before_cursor_execute", note)
    work()
    event.remove(connection, "before_cursor_execute", note)
    return made


def test_a_longer_history_costs_no_more(stage: Stage) -> None:
    def statements() -> list[str]:
        with stage.database.read() as connection:
            return counted(connection, lambda: look(connection, most=2))

    few = statements()
    chance = random.Random(1)
    for _ in range(12):
        stage.poll(many(chance.randint(3, 9)))
    assert len(statements()) == len(few) <= 6


def test_no_statement_goes_through_a_whole_table(sqlite_url: str) -> None:
    with staged(sqlite_url, webhooks=HOOKS) as stage:
        stage.poll(many(2))
        stage.poll(many(3))
        with stage.database.read() as connection:
            made = counted(connection, lambda: look(connection))
            plans = {statement: _plan(connection, statement) for statement in made}
    assert len(plans) == 6
    for statement, steps in plans.items():
        # From the newest on, up to the limit; all else is a seek.
        read = [step for step in steps if step.startswith("SCAN") and "newest" not in step]
        assert not read or "LIMIT" in statement, steps


def _plan(connection: Connection, statement: str) -> list[str]:
    bound = ("x",) * statement.count("?")
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", bound)
    return [str(row[3]) for row in plan]
