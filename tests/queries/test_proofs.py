"""A bundle proves a price to somebody who has a head and nothing else of ours."""

import ast
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.evidence import check
from pricetrail.catalog.merkle import GENESIS
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.proofs import bundle
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.catalog.evidence.checkers import SCRIPT, by_script
from tests.support.histories import at, build, catalog, failed, model, tokens

ODD = {
    "kind": "token",
    "text": {"prompt": "3e-6", "completion": "0.0000150", "internal_reasoning": "free"},
    "bands": [
        {"rate": 1, "above": "200_000"},
        {"rate": Decimal("0.50"), "above": None, "on": True},
    ],
    "negative": -1,
}


@pytest.fixture
def on_both(database_url: str) -> Iterator[Database]:
    """The history, on both databases."""
    found = Database(database_url)
    record(found)
    yield found
    found.close()


@pytest.fixture(scope="module")
def database(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The history; every test only reads it."""
    path = tmp_path_factory.mktemp("proofs") / "proofs.db"
    shutil.copyfile(_sqlite_template, path)
    found = Database(f"sqlite:///{path}")
    record(found)
    yield found
    found.close()


def record(found: Database) -> None:
    """Versions 1 at 10:00, 2 at 11:00 and 12:00, 3 at 14:00 after a failure, 4 at 15:00."""
    dear, cheap = tokens("0.000003", "0.00001"), tokens("0.0000025", "0.00001")
    others = [model(f"m-{n}") for n in range(6)]
    odd = model("odd", ODD, **{"größe": Decimal("1.50"), "a/b~": [{}, []], "list": [1, "x"]})
    second = catalog(model("gpt-5", cheap), odd, *others)
    build(
        found,
        "s",
        [
            ("10:00", catalog(model("gpt-5", dear), *others)),
            ("11:00", second),
            ("12:00", second),
        ],
    )
    failed(found, "s", "13:00")
    build(
        found,
        "s",
        [("14:00", catalog(odd, *others)), ("15:00", catalog(odd, *others, model("new")))],
    )


def made(database: Database, name: str, when: str | None) -> Any:
    """A bundle as it is read from its file."""
    with database.read() as connection:
        source = sources.choose(connection, "s")
        return loads(dumps(bundle(connection, source, name, at(when) if when else None)))


def head(database: Database) -> SavedHead:
    with database.read() as connection:
        state = sources.choose(connection, "s")
    return SavedHead(state.head_version, state.head_hash)


@pytest.mark.parametrize(
    ("name", "when", "certainty", "versions"),
    [
        ("gpt-5", "11:30", "observed", [2]),
        ("gpt-5", "10:30", "bracketed", [1, 2]),
        ("m-3", "10:30", "observed", [1, 2]),
        ("odd", "13:30", "gap", [2, 3]),
        ("odd", "11:10", "observed", [2]),
        ("new", None, "observed", [4]),
    ],
)
def test_a_bundle_fits_and_proves_its_price(
    on_both: Database, name: str, when: str | None, certainty: str, versions: list[int]
) -> None:
    found, saved = made(on_both, name, when), head(on_both)
    assert found["claim"]["certainty"] == certainty
    assert [proof["version"] for proof in found["proofs"]] == versions
    assert check(found, saved).problems == []
    assert check(found, SavedHead(None, saved.hash)).problems == []
    content, said = by_script(found, saved)
    assert (content, said.split()[:1]) == (True, [certainty]), said


def test_that_a_model_was_not_visible_is_proven_by_all_that_were(database: Database) -> None:
    found, saved = made(database, "gpt-5", "13:30"), head(database)
    assert [proof["visible"] for proof in found["proofs"]] == [True, False]
    assert check(found, saved).problems == []
    found["proofs"][1]["models"].pop()
    assert check(found, saved).problems == ["the model does not belong to the catalog of version 3"]


def test_what_the_chain_tells_about_the_time_is_given(database: Database) -> None:
    finding = check(made(database, "gpt-5", "11:30"))
    assert (finding.since, finding.until) == ("2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z")
    finding = check(made(database, "new", None))
    assert (finding.since, finding.until) == ("2026-03-01T15:00:00Z", None)


def test_coverage_around_the_time_is_told_with_its_caveat(database: Database) -> None:
    coverage = made(database, "odd", "13:30")["coverage"]
    assert [stretch["outcome"] for stretch in coverage["stretches"]] == ["good", "failed", "good"]
    assert coverage["stretches"][1]["why"] == "503 from the gateway"
    assert "does not cover it" in coverage["note"]


def test_nothing_is_made_where_there_is_no_answer(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no model 'gpt-6' was ever seen"):
        made(database, "gpt-6", "11:30")
    with pytest.raises(NotFoundError, match="the first is of"):
        made(database, "gpt-5", "09:00")


def _document(found: Any) -> None:
    text = found["proofs"][0]["document"]
    found["proofs"][0]["document"] = text.replace("0.000003", "0.000001")


def _pricing(found: Any) -> None:
    found["claim"]["pricing"]["text"]["prompt"] = "0.000001"


def _all_alike(found: Any) -> None:
    """The document, and everything that is said of it."""
    _document(found)
    for side in (found["claim"], found["claim"]["before"]):
        side["pricing"]["text"]["prompt"] = "0.000001"
        side["prices"][1]["amount"] = "0.000001"


def _path(found: Any) -> None:
    found["proofs"][0]["merkle_path"].pop()


def _side(found: Any) -> None:
    found["proofs"][1]["merkle_path"][0][0] = "left"


def _root(found: Any) -> None:
    found["chain"]["links"][0]["catalog_root"] = "sha256:" + GENESIS.hex()


def _metadata(found: Any) -> None:
    link = found["chain"]["links"][1]
    link["metadata"] = link["metadata"].replace("11:00", "11:01")


def _body_hash(found: Any) -> None:
    found["chain"]["links"][2]["body_hash"] = "sha256:" + GENESIS.hex()


def _order(found: Any) -> None:
    links = found["chain"]["links"]
    links[1], links[2] = links[2], links[1]


def _left_out(found: Any) -> None:
    del found["chain"]["links"][1]


def _time(found: Any) -> None:
    found["claim"]["at"] = "2026-03-01T09:00:00Z"


def _source(found: Any) -> None:
    found["claim"]["source"] = "another"


def _model(found: Any) -> None:
    found["claim"]["model"] = "m-1"


TAMPERINGS: list[tuple[Callable[[Any], None], str]] = [
    (_document, "does not belong to the catalog of version 1"),
    (_pricing, "the prices are not those of the document in version 1"),
    (_all_alike, "does not belong to the catalog of version 1"),
    (_path, "does not belong to the catalog of version 1"),
    (_side, "does not belong to the catalog of version 2"),
    (_root, "does not belong to the catalog of version 1"),
    (_metadata, "the chain breaks at version 2"),
    (_body_hash, "the chain breaks at version 3"),
    (_order, "the chain is not in order at version 3"),
    (_left_out, "the chain is not in order at version 3"),
    (_time, "version 1 was first seen after the time asked about"),
    (_source, "that of another version or source"),
    (_model, "the document of version 1 is another model's"),
]


@pytest.mark.parametrize(
    ("tamper", "said"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS]
)
def test_what_was_changed_in_a_bundle_is_named(
    database: Database, tamper: Callable[[Any], None], said: str
) -> None:
    found, saved = made(database, "gpt-5", "10:30"), head(database)
    tamper(found)
    assert said in "\n".join(check(found, saved).problems)
    content, told = by_script(found, saved)
    assert (content, told.startswith("NOT PROVEN: ")) == (False, True), told


def test_a_later_version_cannot_be_left_out_by_claiming_a_later_time(database: Database) -> None:
    found = made(database, "gpt-5", "11:30")
    found["claim"]["at"] = "2026-03-01T14:30:00Z"
    assert check(found).problems == ["version 3 was there already at the time asked about"]


def test_a_bundle_made_anew_agrees_with_itself_and_with_no_saved_head(
    database: Database, sqlite_url: str
) -> None:
    other = Database(sqlite_url + ".other")
    prepare(other.url)
    build(other, "s", [("10:00", catalog(model("gpt-5", tokens("0.1", "0.2"))))])
    found = made(other, "gpt-5", "10:00")
    other.close()
    assert check(found).problems == []
    [problem] = check(found, head(database)).problems
    assert "is not in this chain" in problem
    assert not by_script(found, head(database))[0]


def test_a_head_of_another_version_proves_nothing(database: Database) -> None:
    found, saved = made(database, "gpt-5", "11:30"), head(database)
    [problem] = check(found, SavedHead(3, saved.hash)).problems
    assert problem == "the saved head is that of version 4, not 3"


@pytest.mark.parametrize(
    "found",
    [None, [], {}, {"format": "pricetrail evidence 1"}, {"format": "pricetrail evidence 2"}],
)
def test_what_is_no_bundle_is_said_to_be_none(found: Any) -> None:
    assert len(check(found).problems) == 1


def test_a_bundle_with_anything_taken_out_or_of_another_kind_never_passes(
    database: Database,
) -> None:
    text = dumps(made(database, "gpt-5", "11:30"))
    for name in ("claim", "proofs", "chain"):
        others: list[Any] = [None, 7, "x", [], {}, [None], {"links": []}]
        for other in others:
            found = json.loads(text)
            found[name] = other
            assert check(found).problems, (name, other)
            del found[name]
            assert check(found).problems, name


def test_the_small_checker_stays_small_and_needs_nothing() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    imported: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    assert {"json", "hashlib"} <= imported
    assert imported <= set(sys.stdlib_module_names)
