"""The same models at several sources."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pricetrail.catalog.aliases import grouped
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries import compare
from pricetrail.queries.compare import CompareAnswer, ask
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model, tokens

DEAR, CHEAP = model("a"), model("a", tokens("0.000001", "0.000015"))
FREE = model("a", tokens("0", "0"))


def recorded(database: Database) -> None:
    """Of source s 10:00 and 12:00, of t 10:00, 12:00 and a failure; u has had no good poll."""
    build(database, "s", [("10:00", catalog(DEAR, model("b"))), ("12:00", catalog(CHEAP))])
    both = catalog(DEAR, model("b"), model("only"))
    build(database, "t", [("10:00", both), ("12:00", both)])
    failed(database, "t", "13:00")
    failed(database, "u", "10:00")


@pytest.fixture
def database(with_history: Callable[..., str]) -> Iterator[Database]:
    opened = Database(with_history(recorded))
    yield opened
    opened.close()


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def asked(
    database: Database, name: str | None = None, when: str | None = None, **more: Any
) -> CompareAnswer:
    with database.read() as transaction:
        return ask(transaction, name, at(when) if when else None, **more)


def offers(answer: CompareAnswer) -> dict[str, list[str]]:
    return {item.model: [offer.source for offer in item.offers] for item in answer.models}


def test_the_document_has_the_shape_of_the_contract(database: Database) -> None:
    prompt = {"path": "/pricing/text/prompt", "unit": "USD/token"}
    completion = {"path": "/pricing/text/completion", "unit": "USD/token", "amount": "0.000015"}
    first = {"not_before": None, "not_after": "2026-03-01T10:00:00Z"}
    assert asked(database, "a").as_json() == {
        "at": "2026-03-01T12:00:00Z",
        "models": [
            {
                "model": "a",
                "offers": [
                    {
                        "source": "s",
                        "certainty": "observed",
                        "version": 2,
                        "observed": {
                            "from": "2026-03-01T12:00:00Z",
                            "until": "2026-03-01T12:00:00Z",
                        },
                        "since": {
                            "not_before": "2026-03-01T10:00:00Z",
                            "not_after": "2026-03-01T12:00:00Z",
                        },
                        "pricing": CHEAP["pricing"],
                        "prices": [completion, {**prompt, "amount": "0.000001"}],
                    },
                    {
                        "source": "t",
                        "certainty": "observed",
                        "version": 1,
                        "observed": {
                            "from": "2026-03-01T10:00:00Z",
                            "until": "2026-03-01T12:00:00Z",
                        },
                        "since": first,
                        "pricing": DEAR["pricing"],
                        "prices": [completion, {**prompt, "amount": "0.000003"}],
                    },
                ],
            }
        ],
    }


def test_without_a_model_it_is_all_that_two_sources_list_then(database: Database) -> None:
    assert offers(asked(database, when="10:00")) == {"a": ["s", "t"], "b": ["s", "t"]}
    assert offers(asked(database)) == {"a": ["s", "t"]}
    assert asked(database).sources == ("s", "t", "u")


def test_one_model_and_all_models_get_the_same_offers(database: Database) -> None:
    for when in (None, "10:00", "11:00", "12:00", "13:00", "15:00"):
        for field in (None, "/pricing/text/prompt", "/pricing/text/completion"):
            listed = {one.model: one for one in asked(database, when=when, field=field).models}
            assert listed
            for name, compared in listed.items():
                single = asked(database, name, when, field=field)
                assert single.models == (compared,)


def test_an_offer_is_as_certain_as_its_price_and_then_has_both_sides(database: Database) -> None:
    [between] = asked(database, "a", "11:00").models
    s, t = between.offers
    assert [(s.source, s.certainty), (t.source, t.certainty)] == [
        ("s", "bracketed"),
        ("t", "observed"),
    ]
    found: Any = s.as_json()
    assert (found["before"]["version"], found["after"]["version"], found["why"]) == (1, 2, None)
    assert "before" not in t.as_json()
    # A model of which only a later poll tells is no price yet, and no `since`.
    gone = asked(database, "b", "11:00").models[0].offers
    assert [(one.source, one.certainty) for one in gone] == [("s", "bracketed"), ("t", "observed")]


def test_since_is_about_the_field_that_was_asked_for(database: Database) -> None:
    [prompt] = asked(database, "a", field="/pricing/text/prompt").models
    [completion] = asked(database, "a", field="/pricing/text/completion").models
    since = [compared.offers[0].since for compared in (prompt, completion)]
    assert since == [(at("10:00"), at("12:00")), (None, at("10:00"))]
    assert asked(database, field="/pricing/cache").models == ()


def test_only_the_named_sources_are_compared(database: Database) -> None:
    assert offers(asked(database, "a", among=["t"])) == {"a": ["t"]}
    assert offers(asked(database, among=["t", "s", "t"])) == {"a": ["s", "t"]}
    assert asked(database, among=["t"]).models == ()
    with pytest.raises(NotFoundError, match="no source 'v' here"):
        asked(database, among=["v"])


@pytest.mark.parametrize(
    ("name", "when", "field", "said"),
    [
        ("onyl", None, None, "did you mean only?"),
        ("only", "09:00", None, "t: no snapshot of t at"),
        (None, "09:00", None, "no source has a snapshot at 2026-03-01T09:00:00Z"),
        ("a", None, "/pricing/cache", "s: a has no price 'cache' then.*; t: a has no price"),
    ],
)
def test_nothing_to_answer_from_is_said(
    database: Database, name: str | None, when: str | None, field: str | None, said: str
) -> None:
    with pytest.raises(NotFoundError, match=said):
        asked(database, name, when, field=field)


def test_one_source_has_nothing_to_be_compared_with_but_its_own_offer(empty: Database) -> None:
    with pytest.raises(NotFoundError, match="nothing recorded yet"):
        asked(empty)
    failed(empty, "s", "09:00")
    with pytest.raises(NotFoundError, match="no source has a snapshot yet"):
        asked(empty)
    build(empty, "s", [("10:00", catalog(DEAR))])
    assert asked(empty).as_json() == {"at": "2026-03-01T10:00:00Z", "models": []}
    assert offers(asked(empty, "a")) == {"a": ["s"]}


def test_of_many_sources_without_an_answer_a_few_are_told_about(empty: Database) -> None:
    for number in range(5):
        build(empty, f"s{number}", [("10:00", catalog(DEAR)), ("11:00", catalog())])
    with pytest.raises(NotFoundError, match=r"s0: a is not visible.*; and likewise 2 other sourc"):
        asked(empty, "a")


def test_too_many_sources_to_compare_are_to_be_named(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("s", "t"):
        build(empty, name, [("10:00", catalog(DEAR))])
    monkeypatch.setattr(compare, "MOST_SOURCES", 1)
    with pytest.raises(InvalidInputError, match="there are 2 sources, too many to compare all"):
        asked(empty, "a")
    assert offers(asked(empty, "a", among=["t"])) == {"a": ["t"]}


def test_a_model_that_one_source_is_about_to_list_has_an_offer_without_prices(
    empty: Database,
) -> None:
    build(empty, "s", [("10:00", catalog()), ("12:00", catalog(DEAR))])
    build(empty, "t", [("10:00", catalog(FREE)), ("12:00", catalog(FREE))])
    [compared] = asked(empty, when="11:00").models
    free, coming = compared.offers
    assert (free.source, coming.source) == ("t", "s")
    assert (coming.certainty, coming.pricing, coming.prices) == ("bracketed", None, ())
    assert coming.since is None


ALIASES = grouped({"a": ["x/a", "a-2026"]})


def named_otherwise(database: Database) -> None:
    """Source v lists a under two other names, w under its own and one with other units."""
    dated = model("a-2026", tokens("0.000002", "0.000015"))
    build(database, "v", [("10:00", catalog(model("x/a", tokens("0.000004", "0.00001")), dated))])
    tiers = {"over_200k": {"text": {"prompt": "0.000009"}}}
    own = model("a", tokens("0.000001", "0.00002", tiers=tiers))
    build(database, "w", [("10:00", catalog(own))])


@pytest.fixture
def others(with_history: Callable[..., str]) -> Iterator[Database]:
    opened = Database(with_history(named_otherwise))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["a", "x/a", "a-2026"])
def test_every_name_of_a_model_gets_the_offers_under_all_of_them(
    others: Database, name: str
) -> None:
    [found] = asked(others, name, aliases=ALIASES).models
    assert found.model == "a"
    document: Any = found.as_json()
    assert [(one["source"], one.get("name")) for one in document["offers"]] == [
        *(("w", None), ("v", "a-2026"), ("v", "x/a"))
    ]
    prompt, completion, tier = found.rankings()
    assert [(one.source, one.name) for one in prompt.asked] == [
        *(("w", "a"), ("v", "a-2026"), ("v", "x/a"))
    ]
    # Each price by itself, whatever the order of the offers; a condition is a price of its own.
    assert [(one.source, one.name) for one in completion.cheapest] == [("v", "x/a")]
    assert (tier.path, len(tier.asked)) == ("/pricing/tiers/over_200k/text/prompt", 1)


def test_without_aliases_names_are_models_of_their_own(others: Database) -> None:
    assert asked(others).models == ()
    [found] = asked(others, "a").models
    assert [offer.source for offer in found.offers] == ["w"]


def test_rows_are_joined_by_alias_where_two_sources_list_one_of_the_names(
    others: Database,
) -> None:
    [found] = asked(others, aliases=ALIASES).models
    assert found == asked(others, "x/a", aliases=ALIASES).models[0]
    # Two names at one source alone are no comparison of sources.
    assert asked(others, among=["v"], aliases=ALIASES).models == ()


def test_a_model_that_nobody_lists_under_any_name_is_refused(others: Database) -> None:
    with pytest.raises(NotFoundError, match="no model 'nosuch' was ever seen"):
        asked(others, "nosuch", aliases=grouped({"nosuch": ["neither"]}))
