"""Steps: one version's events, the same on every replica, one of a kind per model, in order."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import read
from pricetrail.catalog.dialects.registry import ReadBy
from pricetrail.catalog.events import (
    ADDED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    UPDATED,
    Event,
    event_id,
)
from pricetrail.catalog.pricing_schema import schema_of
from pricetrail.catalog.versions import (
    NewVersion,
    Version,
    VersionDraft,
    build_version,
    chain_metadata,
)
from tests.support.histories import at, catalog, model, tokens
from tests.support.payloads import data

PLACE = VersionDraft("pipellm", 7, b"\x01" * 32, at("10:00"), at("11:00"), baseline=False)
OLD = catalog(model("a"), model("b"), model("c"))
SEEN = schema_of(OLD["data"])


def stepped(
    new: dict[str, Any],
    *,
    old: dict[str, Any] | None = OLD,
    place: VersionDraft = PLACE,
    seen: frozenset[str] = SEEN,
) -> NewVersion:
    body = json.dumps(new).encode()
    before = None if old is None else read(json.dumps(old).encode())
    return build_version(place, before, read(body), body, seen)


def kinds(found: NewVersion) -> list[tuple[str, str | None]]:
    return [(event.type, event.model) for event in found.events]


def test_what_came_went_and_changed_is_said_in_that_order() -> None:
    new = catalog(
        model("b", display_name="B!"), model("c", tokens("0.1", "0.2"), note=1), model("d")
    )
    found = stepped(new)
    assert kinds(found) == [
        (ADDED, "d"),
        (REMOVED, "a"),
        (REPRICED, "c"),
        (UPDATED, "b"),
        (UPDATED, "c"),
    ]
    assert [event.sequence for event in found.events] == [0, 1, 2, 3, 4]
    assert found.counts == {"added": 1, "removed": 1, "repriced": 1, "updated": 2}


def test_added_and_removed_carry_the_whole_document_as_served() -> None:
    found = stepped(catalog(model("b"), model("c"), model("d", {"x": "0.10"})))
    documents = [data(event)["model"] for event in found.events[:2]]
    assert documents == [model("d", {"x": "0.10"}), model("a")]


def test_a_change_of_kind_is_one_reprice_and_no_removal() -> None:
    generation = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}
    found = stepped(catalog(model("a", generation), model("b"), model("c")))
    assert kinds(found)[0] == (REPRICED, "a")
    assert [change["path"] for change in data(found.events[0])["changes"]] == [
        "/pricing/generation/image/per_image",
        "/pricing/kind",
        "/pricing/text/completion",
        "/pricing/text/prompt",
    ]
    assert data(found.events[0])["direction"] == "none"
    assert {event.type for event in found.events} == {REPRICED, SCHEMA_CHANGED}


@pytest.mark.parametrize(
    "changed",
    [
        {"display_name": "Other"},
        {"created_at": "2026-02-01T00:00:00Z"},
        {"type_target": "x"},
        {"new": [1]},
    ],
)
def test_anything_but_a_price_is_an_update(changed: dict[str, Any]) -> None:
    assert kinds(stepped(catalog(model("a", **changed), model("b"), model("c")))) == [
        (UPDATED, "a")
    ]


def test_the_message_is_that_of_the_contract() -> None:
    new = catalog(
        model("a", {"kind": "token", "text": {"prompt": "0.0000025", "completion": "0.000015"}}),
        model("b"),
        model("c"),
    )
    [event] = stepped(new).events
    assert event.as_json() == {
        "type": "model.repriced",
        "timestamp": "2026-03-01T11:00:00Z",
        "data": {
            "id": event.id,
            "source": "pipellm",
            "snapshot": {
                "version": 7,
                "previous": 6,
                "hash": merkle.hash_text(stepped(new).version.hash),
            },
            "observed": {
                "not_before": "2026-03-01T10:00:00Z",
                "not_after": "2026-03-01T11:00:00Z",
            },
            "model": {"id": "a", "display_name": "A", "type_target": "openai"},
            "direction": "decrease",
            "changes": [
                {
                    "path": "/pricing/text/prompt",
                    "unit": "USD/token",
                    "old": "0.000003",
                    "new": "0.0000025",
                    "percent": "-16.67",
                }
            ],
        },
    }


def test_a_baseline_makes_a_version_and_no_event() -> None:
    first = replace(PLACE, number=1, not_before=None, previous_hash=merkle.GENESIS, baseline=True)
    found = stepped(OLD, old=None, place=first, seen=frozenset())
    assert found.events == []
    assert sorted(found.new_documents) == ["a", "b", "c"]
    assert found.counts == {"added": 0, "removed": 0, "repriced": 0, "updated": 0}
    assert found.schema == {"/pricing/text/prompt", "/pricing/text/completion", "kind:token"}


def test_a_path_or_kind_never_seen_is_one_more_event_behind_the_others() -> None:
    new = catalog(model("a", tokens("0.000003", "0.000015", search={"x": "1"})), model("b"))
    found = stepped(new)
    assert kinds(found) == [(REMOVED, "c"), (REPRICED, "a"), (SCHEMA_CHANGED, None)]
    assert {key: data(found.events[-1])[key] for key in ("paths", "kinds", "models")} == {
        "paths": ["/pricing/search/x"],
        "kinds": [],
        "models": ["a"],
    }
    again = stepped(new, seen=SEEN | {"/pricing/search/x"})
    assert kinds(again) == [(REMOVED, "c"), (REPRICED, "a")]


def test_a_kind_never_seen_is_told_with_ten_models_that_have_it() -> None:
    images = [model(f"m{n:02}", {"kind": "image", "image": "1"}) for n in range(11)]
    event = stepped(catalog(*OLD["data"], model("l"), *images)).events[-1]
    assert (event.type, event.sequence) == (SCHEMA_CHANGED, 1_000_000)
    assert {key: data(event)[key] for key in ("paths", "kinds", "models")} == {
        "paths": ["/pricing/image"],
        "kinds": ["image"],
        "models": [f"m{n:02}" for n in range(10)],
    }


def test_a_longer_list_of_prices_is_no_new_schema() -> None:
    bands = [[{"rate": "1"}], [{"rate": "1"}, {"rate": "2"}]]
    assert schema_of([model("a", {"bands": bands[0]})]) == {"/pricing/bands/*/rate"}
    assert schema_of([model("a", {"bands": bands[1]})]) == {"/pricing/bands/*/rate"}
    assert schema_of([{"id": "a"}, {"id": "b", "pricing": None}]) == frozenset()


MADE = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["1", "2"]), st.sampled_from("xy")
    ),
    unique_by=lambda made: made[0],
)


def ids(events: list[Event]) -> list[str]:
    return [event.id for event in events]


@given(MADE, MADE)
def test_a_model_has_one_event_of_a_kind_and_its_id_does_not_depend_on_the_time(
    one: list[tuple[str, str, str]], other: list[tuple[str, str, str]]
) -> None:
    old, new = (
        catalog(*(model(name, tokens(price, "1"), display_name=shown) for name, price, shown in m))
        for m in (one, other)
    )
    found = stepped(new, old=old)
    assert len(set(kinds(found))) == len(found.events)
    assert len(set(ids(found.events))) == len(found.events)
    later = replace(PLACE, not_before=at("12:00"), not_after=at("12:00") + timedelta(days=1))
    reordered = new | {"data": new["data"][::-1]}
    assert ids(stepped(reordered, old=old, place=later).events) == ids(found.events)


def test_ids_tell_sources_versions_and_changes_apart() -> None:
    new = catalog(model("a"), model("b"))
    other = catalog(model("a"), model("c"))
    places = [PLACE, replace(PLACE, source="other"), replace(PLACE, number=8)]
    found = [stepped(new, place=place).events[0].id for place in places]
    found.append(stepped(other).events[0].id)
    assert len(set(found)) == 4
    assert all(len(one) == 44 and one.startswith("evt_") for one in found)


def test_ids_are_those_that_every_release_and_replica_gives() -> None:
    new = catalog(
        model("b", display_name="Bee", sunset_at="2026-12-01"),
        model("c", {"kind": "image", "image": "1"}),
        model("d"),
    )
    assert {event.type: event.id for event in stepped(new).events} == {
        ADDED: "evt_6e5e9766e32b66a6d4e1eafe7ee820591c2e0c3a",
        REMOVED: "evt_acb3857426e259e52122f95668bd7b05ab9e9bb2",
        REPRICED: "evt_de2eccc25213cfe187d525a994ae6104d950f2cd",
        UPDATED: "evt_48876d681727c279cffe44c8931e6710e09a7e30",
        SUNSET: "evt_e2fc579ebfdaa75f8da28c3f4dd9e25ff6c30628",
        SCHEMA_CHANGED: "evt_ae33b2ba4109ba7b8ef4528e353e8f17aee2e58e",
    }


def test_the_parts_of_an_id_cannot_run_into_one_another() -> None:
    assert event_id("a", "b") != event_id("ab", "")
    assert event_id('a","b') != event_id("a", "b")
    assert event_id("a", "b") == event_id("a", "b")


def test_the_chain_goes_on_from_the_head_before() -> None:
    heads = {
        stepped(OLD, place=place).version.hash
        for place in (
            PLACE,
            replace(PLACE, previous_hash=b"\x02" * 32),
            replace(PLACE, not_after=at("11:01")),
            replace(PLACE, source="other"),
        )
    }
    assert len(heads) == 4


def test_the_chain_names_no_dialect_of_what_is_read_as_served() -> None:
    assert chain_metadata(PLACE, 3) == (
        '{"models":3,"not_after":"2026-03-01T11:00:00Z","not_before":"2026-03-01T10:00:00Z",'
        '"source":"pipellm","version":7}'
    )


def test_a_version_is_chained_by_the_name_and_dialect_that_it_was_read_by() -> None:
    body, read_by = bytes(range(32)), ReadBy("xai/1", ("/architecture",))
    for started, not_before in ((at("10:00"), '"2026-03-01T10:00:00Z"'), (None, "null")):
        place = replace(PLACE, not_before=started, chain_name="old", read_by=read_by)
        made = build_version(place, None, read(json.dumps(OLD).encode()), body, SEEN)
        metadata = (
            '{"dialect":"xai/1","models":3,"not_after":"2026-03-01T11:00:00Z",'
            f'"not_before":{not_before},"source":"old","version":7}}'
        )
        head = merkle.chain(PLACE.previous_hash, metadata, made.catalog.root(), body)
        assert made.version == Version(
            "pipellm", 7, head, PLACE.previous_hash, started, at("11:00"), "old", "xai/1"
        )
        assert (made.root, made.body_hash) == (made.catalog.root(), body)
        assert (made.baseline, made.read_by) == (False, read_by)
