"""Bodies that several versions have: stored once, as long as somebody has them, and found so."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from pricetrail.jobs import maintenance
from pricetrail.jobs.maintenance import compact
from pricetrail.storage import source_removal, sources
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import shared_bodies
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.history.exports import observations
from pricetrail.storage.verification.verify import Verdict, verify
from tests.support import pruned
from tests.support.histories import at, build, catalog, hourly, model, tokens

# Names that do not compress: the first body takes more than it takes to share one.
_NAMES = [f"{n * 2654435761 % 2**32:08x}-{n * 40503 % 9973}" for n in range(40)]
LONG = catalog(*(model(name) for name in _NAMES))
DEARER = catalog(model(_NAMES[0], tokens("9", "9")), *(model(name) for name in _NAMES[1:]))
OTHER = catalog(*(model(name) for name in _NAMES[10:]))
SHORT = catalog(model("a"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def shared(database: Database) -> list[tuple[int, bytes]]:
    with database.read() as connection:
        rows = connection.execute(select(t.shared_body.c.id, t.shared_body.c.body))
        return [(row.id, row.body) for row in rows]


def kept_with_versions(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count(t.snapshot.c.body))).scalar_one())


def body(database: Database, source: str, version: int) -> bytes:
    with database.read() as connection:
        return body_of(connection, sources.choose(connection, source).id, version)


def verified(database: Database, source: str) -> Verdict:
    with database.read() as connection:
        return verify(connection, sources.choose(connection, source))


def remove(connection: Transaction, source: str) -> None:
    source_removal.remove(connection, sources.choose(connection, source), at("20:00"))


def test_sources_with_the_same_list_have_one_body(database: Database) -> None:
    for name in ("a", "b", "c"):
        build(database, name, hourly("09:00", [LONG, DEARER]))
    build(database, "other", [("09:00", OTHER)])
    assert len(shared(database)) == 2
    # What differs little is shorter than a place of its own.
    assert kept_with_versions(database) == 3
    assert len({body(database, name, 1) for name in ("a", "b", "c")}) == 1
    assert body(database, "a", 2) == body(database, "c", 2) != body(database, "a", 1)
    with database.read() as connection:
        exported = list(observations(connection, sources.choose(connection, "b").id))
    assert [one.rebuilt for one in exported] == [False] * len(exported)
    assert all(verified(database, name).ok for name in ("a", "b", "c", "other"))


def test_a_short_body_stays_with_its_version(database: Database) -> None:
    for name in ("a", "b"):
        build(database, name, [("09:00", SHORT)])
    assert (shared(database), kept_with_versions(database)) == ([], 2)


def test_a_body_is_never_taken_for_another_under_its_number(database: Database) -> None:
    """As somebody could make one whose SHA-256 begins alike, or an edit left one behind."""
    build(database, "first", [("09:00", LONG)])
    [(number, _)] = shared(database)
    with database.write() as connection:
        remove(connection, "first")
        connection.execute(insert(t.shared_body).values(id=number, body=b"another"))
    build(database, "a", [("09:00", LONG)])
    assert kept_with_versions(database) == 1
    assert verified(database, "a").ok


def test_a_body_stays_until_nobody_has_it(database: Database) -> None:
    for name in ("a", "b"):
        build(database, name, hourly("09:00", [LONG, SHORT]))
    before = body(database, "b", 1)
    with database.write() as connection:
        remove(connection, "a")
    assert body(database, "b", 1) == before
    assert len(shared(database)) == 1
    with database.write() as connection:
        assert pruned.prune_bodies(connection, at("10:30")) == 1
    assert shared(database) == []
    assert (verified(database, "b").ok, verified(database, "b").bodies_pruned) == (True, 1)


def test_what_is_written_anew_as_a_full_one_is_shared_too(database: Database) -> None:
    for name in ("a", "b"):
        build(database, name, hourly("09:00", [LONG, DEARER]))
    with database.write() as connection:
        assert pruned.prune_bodies(connection, at("12:00")) == 2
    assert (len(shared(database)), kept_with_versions(database)) == (1, 0)
    assert all(verified(database, name).ok for name in ("a", "b"))


def test_bodies_of_before_are_shared_by_compacting(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    for name in ("a", "b"):
        build(database, name, hourly("09:00", [LONG, DEARER]))
    unshare(database)
    served = [body(database, name, n) for name in ("a", "b") for n in (1, 2)]
    assert (shared(database), kept_with_versions(database)) == ([], 4)
    assert all(verified(database, name).ok for name in ("a", "b"))
    compact(database)
    assert (len(shared(database)), kept_with_versions(database)) == (1, 2)
    assert [body(database, name, n) for name in ("a", "b") for n in (1, 2)] == served
    assert all(verified(database, name).ok for name in ("a", "b"))
    database.close()


def unshare(database: Database) -> None:
    """Put bodies as a pricetrail of before left them."""
    whole = select(t.shared_body.c.body).where(shared_bodies.is_shared).scalar_subquery()
    with database.write() as connection:
        some = update(t.snapshot).where(t.snapshot.c.shared_body_id.is_not(None))
        connection.execute(some.values(body=whole))
        connection.execute(some.values(shared_body_id=None))
        shared_bodies.sweep(connection)


EDITS = {
    "another body": "UPDATE shared_body SET body = (SELECT body FROM snapshot WHERE version = 2 "
    "ORDER BY source_id LIMIT 1)",
    "no body": "DELETE FROM shared_body",
    "another number": "UPDATE shared_body SET id = id - 1",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_in_every_source_and_names_every_version(
    database: Database, edit: str
) -> None:
    for name in ("a", "b"):
        build(database, name, hourly("09:00", [LONG, DEARER]))
    build(database, "other", [("09:00", SHORT)])
    with database.write() as connection:
        connection.execute(text(EDITS[edit]))
    for name in ("a", "b"):
        found = verified(database, name).first_break
        assert found is not None
        assert (found.version, found.what) == (1, "body")
        assert found.why.endswith("it is the body of a 1, b 1")
    assert verified(database, "other").ok


def test_of_many_versions_the_first_are_named_and_the_others_counted(database: Database) -> None:
    for number in range(7):
        build(database, f"s{number}", [("09:00", LONG)])
    with database.write() as connection:
        connection.execute(text("DELETE FROM shared_body"))
    found = verified(database, "s6").first_break
    assert found is not None
    assert found.why.endswith("it is the body of s0 1, s1 1, s2 1, s3 1, s4 1 and 2 more")


def test_a_version_has_its_body_in_one_place(database: Database) -> None:
    build(database, "a", [("09:00", LONG)])
    with database.write() as connection:
        connection.execute(text("UPDATE snapshot SET body = (SELECT body FROM shared_body)"))
    found = verified(database, "a").first_break
    assert found is not None
    assert found.why == "it is stored twice"


# Side by side: real transactions on Postgres, where each step of one lies between steps of another.


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    yield found
    found.close()


PACKED = b"x" * 1000


def place(connection: Transaction, source: int, packed: bytes = PACKED) -> dict[str, Any]:
    """Refer to a body from a version, as whoever writes one does."""
    values = shared_bodies.stored(connection, packed)
    connection.execute(update(t.snapshot).where(t.snapshot.c.source_id == source).values(values))
    return values


def two_sources(database: Database) -> None:
    for name in ("a", "b"):
        build(database, name, [("09:00", SHORT)])


def test_a_body_that_is_about_to_be_referred_to_is_not_swept(postgres: Database) -> None:
    two_sources(postgres)
    with postgres.write() as connection:
        place(connection, 1)
    with postgres.write() as leaving:
        place(leaving, 1, b"short")
    assert len(shared(postgres)) == 1
    with postgres.write() as coming:
        assert place(coming, 2)["shared_body_id"] is not None
        with postgres.write() as sweeping:
            assert shared_bodies.sweep(sweeping) == 0
    assert len(shared(postgres)) == 1


def test_nobody_comes_to_refer_to_a_body_between_looking_and_deleting(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_sources(postgres)
    with postgres.write() as connection:
        place(connection, 1)
        place(connection, 1, b"short")

    def meanwhile(numbers: list[int]) -> Any:
        with postgres.write() as coming:
            assert place(coming, 2)["body"] == PACKED
        return chunks(numbers)

    monkeypatch.setattr(f"{shared_bodies.__name__}.chunks", meanwhile)
    with postgres.write() as sweeping:
        assert shared_bodies.sweep(sweeping) == 1
    assert shared(postgres) == []


def test_whoever_finds_the_same_body_being_written_does_not_wait(postgres: Database) -> None:
    """Nor for one that writes two of them in the other order: each would wait for the other."""
    two_sources(postgres)
    other = b"y" * 1000
    with postgres.write() as one, postgres.write() as two:
        assert place(one, 1)["shared_body_id"] is not None
        assert place(two, 2, other)["shared_body_id"] is not None
        assert place(one, 1, other)["body"] == other
        assert place(two, 2)["body"] == PACKED


def test_a_body_that_is_being_deleted_is_written_again(postgres: Database) -> None:
    two_sources(postgres)
    with postgres.write() as connection:
        place(connection, 1)
        place(connection, 1, b"short")
    swept = threading.Event()

    def come() -> dict[str, Any]:
        swept.wait(20)
        with postgres.write() as coming:
            return place(coming, 2)

    with ThreadPoolExecutor(1) as threads:
        with postgres.write() as sweeping:
            assert shared_bodies.sweep(sweeping) == 1
            swept.set()
            written = threads.submit(come)
        assert written.result(20)["shared_body_id"] is not None
    assert [packed for _, packed in shared(postgres)] == [PACKED]


def test_sources_come_go_and_are_pruned_at_once_and_nothing_is_lost(postgres: Database) -> None:
    """Each thread's sources begin with one of two lists; two in three are removed or pruned."""
    rounds = 12

    def live(thread: int) -> None:
        for number in range(rounds):
            name = f"{thread}-{number}"
            steps = [LONG, OTHER] if (thread + number) % 2 else [OTHER, LONG]
            build(postgres, name, hourly("09:00", steps))
            if number % 3 == 1:
                with postgres.write() as connection:
                    remove(connection, name)
            elif number % 3 == 2:
                maintenance.prune_bodies(postgres, at("12:00"))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(live, range(4)))
    with postgres.write() as connection:
        names = sources.names(connection)
        shared_bodies.sweep(connection)
    assert len(names) == 4 * rounds * 2 // 3
    assert [name for name in names if not verified(postgres, name).ok] == []
    with postgres.read() as connection:
        used = select(t.snapshot.c.shared_body_id).distinct()
        referred = set(connection.execute(used).scalars()) - {None}
    assert {number for number, _ in shared(postgres)} == referred


def test_a_reference_committed_between_looking_and_locking_keeps_the_body(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen to be unused, and is not any more once it is locked."""
    two_sources(postgres)
    with postgres.write() as connection:
        number = place(connection, 1)["shared_body_id"]
    monkeypatch.setattr(f"{shared_bodies.__name__}.chunks", lambda _seen: [[number]])
    with postgres.write() as sweeping:
        assert shared_bodies.sweep(sweeping) == 0
    assert len(shared(postgres)) == 1
