"""What a verification showed is written down, in place of the one before, where it can be."""

from pathlib import Path

import pytest

from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.jobs.verifying import in_words, remember
from pricetrail.queries import verification
from pricetrail.storage.database import Database
from pricetrail.storage.verification.last import LastVerification
from pricetrail.storage.verification.rows import Break
from tests.support.histories import at, build, catalog, hourly, model, tokens

CHEAP, DEAR = catalog(model("a", tokens("0.000001", "0.000002"))), catalog(model("a"))


def verified(database: Database, saved: SavedHead | None = None) -> verification.VerificationAnswer:
    with database.read() as transaction:
        return verification.ask(transaction, "s", saved)


def last(database: Database) -> LastVerification | None:
    with database.read() as transaction:
        return verification.ask_last(transaction, "s")


def test_the_last_one_is_remembered(database_url: str) -> None:
    database = Database(database_url, clock=lambda: at("23:00"))
    build(database, "s", hourly("09:00", [DEAR, CHEAP, DEAR]))
    assert last(database) is None
    answer = verified(database)
    assert remember(database, answer)
    assert last(database) == LastVerification(at("23:00"), 3, 3, None, None)

    wrong = SavedHead(2, bytes(32))
    assert remember(database, verified(database, wrong))
    found = last(database)
    assert found is not None
    assert not found.ok
    assert (found.first_break or "").startswith("version 2, head: the head saved for it is sha256:")

    assert remember(database, verified(database, SavedHead(None, answer.verdict.head)))
    assert last(database) == LastVerification(at("23:00"), 3, 3, 3, None)
    database.close()


def test_where_nothing_can_be_written_the_answer_stands_all_the_same(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", hourly("09:00", [DEAR, CHEAP]))
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    closed = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert not remember(closed, verified(closed))
    assert last(closed) is None
    closed.close()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (Break(None, "models", "gone"), "models: gone"),
        (Break(7, "body", "b'\\xff'\nno list"), "version 7, body: b'/xff'\ufffdno list"),
    ],
)
def test_a_break_is_one_line_without_what_bytes_are_shown_by(broken: Break, said: str) -> None:
    assert in_words(broken) == said
