"""A bundle as an answer, and the answer to whether one proves its claim."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import CatalogError, FailedError, NotFoundError
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries import head
from pricetrail.queries.evidence import EvidenceAnswer, ask, ask_check
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, hourly, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Three versions, an hour apart from 10:00 on."""
    opened = Database(database_url)
    prices = [tokens(price, "0.5") for price in ("0.000003", "0.000002", "0.000001")]
    build(opened, "s", hourly("10:00", [catalog(model("a", price)) for price in prices]))
    yield opened
    opened.close()


def made(database: Database, when: str) -> EvidenceAnswer:
    with database.read() as transaction:
        return ask(transaction, "s", "a", at(when))


def newest(database: Database) -> SavedHead:
    with database.read() as transaction:
        return head.ask(transaction).saved


def test_a_bundle_leads_to_the_head(database: Database) -> None:
    answer = made(database, "10:30")
    assert answer.head == newest(database)
    bundle = document(answer)
    assert list(bundle) == ["format", "claim", "proofs", "chain", "coverage"]
    assert [link["version"] for link in bundle["chain"]["links"]] == [1, 2, 3]
    assert [proof["version"] for proof in bundle["proofs"]] == [1, 2]
    assert bundle["claim"]["certainty"] == "bracketed"


def test_checked_by_a_saved_head_it_is_proven(database: Database) -> None:
    answer, saved = made(database, "11:00"), newest(database)
    checked = ask_check(answer.text.encode(), saved)
    shown = document(checked)
    assert (checked.ok, shown["ok"], shown["problems"]) == (True, True, [])
    assert shown["claim"] == loads(answer.text)["claim"]
    assert (shown["saved_head"], shown["vouched_until_version"]) == (str(saved), 3)
    assert shown["chain"] == {
        "seen_from": "2026-03-01T11:00:00Z",
        "seen_until": "2026-03-01T11:00:00Z",
    }
    assert checked.finding.claim is not None
    assert checked.finding.claim.stated.version == 2


def test_without_a_head_nothing_is_proven(database: Database) -> None:
    shown = document(ask_check(made(database, "10:30").text.encode()))
    assert (shown["ok"], shown["saved_head"], shown["proven"]) == (True, None, [])
    assert "version 1 of s listed a, with the prices given" in shown["said"]


def test_a_bundle_that_was_changed_is_not_ok_and_claims_nothing(database: Database) -> None:
    bundle = loads(made(database, "10:30").text)
    bundle["claim"]["pricing"]["text"]["prompt"] = "0.000009"
    checked = ask_check(dumps(bundle).encode())
    shown = document(checked)
    assert (checked.ok, shown["ok"], shown["claim"], shown["head"]) == (False, False, None, None)
    assert "the prices are not those of the document in version 1" in shown["problems"]


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(CatalogError, match="not valid JSON"):
        ask_check(b"{")


def test_a_model_that_was_never_there_is_nothing_to_answer_from(database: Database) -> None:
    with database.read() as transaction, pytest.raises(NotFoundError, match="no model 'b'"):
        ask(transaction, None, "b")


def test_a_history_that_was_changed_proves_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [catalog(model("a")), catalog(model("a"), model("b"))]))
    with database.write() as transaction:
        transaction.exec_driver_sql(
            "UPDATE snapshot SET body_hash = zeroblob(32) WHERE version = 1"
        )
    with pytest.raises(FailedError, match="the history does not prove it"):
        made(database, "10:00")
    database.close()
