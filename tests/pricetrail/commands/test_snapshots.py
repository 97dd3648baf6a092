"""`pricetrail snapshots`: the versions, one of them, and its body."""

import json

import pytest

from tests.pricetrail.commands.running import (
    document,
    made_up_history,
    shown,
)

DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_snapshots_are_linked_and_counted() -> None:
    found = document("snapshots")["snapshots"]
    assert [one["version"] for one in found] == [1, 2, 3]
    assert found[2]["previous_hash"] == found[1]["hash"]
    assert (found[0]["first_seen"], found[0]["last_seen"]) == (f"{DAY}10:00:00Z", f"{DAY}11:00:00Z")
    assert (found[0]["polls"], found[0]["models"]) == (2, 2)
    assert found[2]["counts"] == {"added": 1, "removed": 1, "repriced": 0, "updated": 1}


def test_a_snapshots_body_comes_back_as_it_was_served() -> None:
    body = json.loads(shown("snapshots", "show", "1", "--raw"))
    assert [one["id"] for one in body["data"]] == ["gpt-5", "old"]
    assert document("snapshots", "show", "latest~1")["version"] == 2


def test_in_words_a_version_is_a_row_or_a_list_of_what_is_known() -> None:
    header, *rows = shown("snapshots").splitlines()
    assert header.split()[0] == "version"
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]
    found = document("snapshots", "show", "latest")
    assert shown("snapshots", "show", "latest").splitlines() == [
        "source: s",
        "version: 3",
        f"hash: {found['hash']}",
        f"catalog root: {found['catalog_root']}",
        f"body hash: {found['body_hash']}",
        f"body size: {found['body_size']}",
        "body kept: True",
        "models: 2",
        f"not before: {DAY}12:00:00Z",
        f"not after: {DAY}14:00:00Z",
        "counts: 1 added, 1 removed, 0 repriced, 1 updated",
    ]
    assert "not before: –" in shown("snapshots", "show", "baseline")
