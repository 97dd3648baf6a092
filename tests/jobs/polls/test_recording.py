"""Whatever a catalog holds, the poll of it has an outcome, and the same one on both databases."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from pricetrail.catalog.catalogs import Limits
from pricetrail.jobs.polls import bodies
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import snapshots
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.volume import examples

LENGTHS = (1, 100, 511, 513, 700, 1000, 1030, 2704, 3000, 9000)


def long_name(length: int, seed: int = 0, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """A name that does not compress: an index may take one of equal letters, however long."""
    random = Random(seed)
    return "".join(random.choice(letters) for _ in range(length))


names = st.one_of(
    st.sampled_from(["a", "text", "kind", "prompt", "/", "~", "", "0", "𝄞", "é", "\x7f", "\x85"]),
    st.builds(long_name, st.sampled_from(LENGTHS), st.integers(0, 3)),
    st.builds(partial(long_name, letters="é𝄞€~/"), st.sampled_from(LENGTHS)),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
numbers = st.sampled_from(
    [0, -1, 2**31, 2**63, 2**64, 10**80, 10**390, -(10**390), 1e-300, 1e300, 0.1, 12345678901234567]
)
odd_texts = st.sampled_from(
    ["\x00", "\ud800", "x" * 70_000, "1e999999", "-1", "１２", "1" * 90, "0." + "0" * 60 + "1", ""]
)
leaves = st.one_of(names, numbers, odd_texts, st.none(), st.booleans(), st.just("0.000003"))
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
odd_models = st.fixed_dictionaries(
    {"id": st.one_of(names, st.just("m-001"))},
    optional={
        "pricing": st.dictionaries(names, values, max_size=3) | values,
        "display_name": values,
        "type_target": values,
        "created_at": values,
        "more": values,
    },
)


def what_came_of(stage: Stage, body: bytes) -> tuple[str, int, str]:
    """Outcome, version and reason of a poll, as returned and as recorded."""
    stage.now = stage.now.replace(microsecond=0)
    result = stage.poll(body)
    with stage.database.read() as connection:
        newest = select(t.poll.c.outcome, t.poll.c.version, t.poll.c.error)
        row = connection.execute(newest.order_by(t.poll.c.id.desc()).limit(1)).one()
    assert tuple(row) == (result.outcome, result.version, result.error)
    return result.outcome, result.version, (result.error or "")[:40]


def test_odd_catalogs_come_to_the_same_on_both_databases(
    sqlite_url: str, postgres_url: str
) -> None:
    with staged(sqlite_url) as ours, staged(postgres_url) as theirs:

        @settings(max_examples=examples(30))
        @given(odd=st.lists(odd_models, min_size=1, max_size=3))
        def holds(odd: list[dict[str, Any]]) -> None:
            # Enough others for the guards to let the change pass.
            body = json.dumps(listing(*many(12)["data"][:9], *odd)).encode()
            found = what_came_of(ours, body)
            assert found == what_came_of(theirs, body)
            assert "cannot be recorded" not in found[2]

        holds()


@pytest.mark.parametrize("place", ["path", "kind", "key outside of the prices", "id"])
@pytest.mark.parametrize("length", [400, 1100, 3000, 100_000])
def test_names_too_long_for_an_index_are_refused_on_both(
    database_url: str, place: str, length: int
) -> None:
    name = long_name(length)
    odd = {
        "path": model("m", pricing={"kind": "token", name: "0.1"}),
        "kind": model("m", pricing={"kind": name}),
        "key outside of the prices": model("m", **{name: "x"}),
        "id": model(name),
    }[place]
    with staged(database_url) as stage:
        assert stage.poll(many(3)).outcome == "changed"
        result = stage.poll(listing(*many(3)["data"], odd))
        assert result.outcome == ("changed" if length == 400 else "failed")
        if length > 400:
            assert " over 1024 bytes" in (result.error or "") or place == "id"
            assert len(result.error or "") < 200
        # The source goes on.
        assert stage.poll(many(4)).outcome == "changed"


def test_what_only_the_database_refuses_is_a_failed_poll_as_well(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "Limits", partial(Limits, name_bytes=None))
    odd = model("m", pricing={"kind": "token", long_name(3000): "0.1"})
    with staged(postgres_url, settings={"failing_after": 1}) as stage:
        assert stage.poll(many(3)).outcome == "changed"
        outcome, version, _ = what_came_of(stage, json.dumps(listing(odd)).encode())
        assert (outcome, version) == ("failed", 1)
        assert stage.kinds()[-1][0] == "source.failing"
        assert stage.poll(many(4)).outcome == "changed"


def refuse_nul(connection: Transaction) -> None:
    connection.execute(text("SELECT :one || 'x'"), {"one": "\x00"})


def refuse_number(connection: Transaction) -> None:
    connection.execute(text("SELECT CAST(:one AS INTEGER)"), {"one": 2**70})


def refuse_surrogate(connection: Transaction) -> None:
    connection.execute(text("SELECT :one || 'x'"), {"one": "\ud800"})


def refuse_constraint(connection: Transaction) -> None:
    connection.execute(text("INSERT INTO webhook (name) VALUES (NULL)"))


def lose_digits(_connection: Transaction) -> None:
    Decimal("1e99999999") * Decimal("1e999999999999999999")


@pytest.mark.parametrize(
    "refuse", [refuse_nul, refuse_number, refuse_surrogate, refuse_constraint, lose_digits]
)
def test_a_recording_that_breaks_leaves_an_outcome_and_nothing_else(
    database_url: str, monkeypatch: pytest.MonkeyPatch, refuse: Callable[[Transaction], None]
) -> None:
    if refuse is refuse_nul and database_url.startswith("sqlite"):
        refuse = refuse_surrogate  # SQLite keeps U+0000
    write_version = snapshots.write_version

    def breaks(connection: Transaction, *rest: Any) -> Any:
        write_version(connection, *rest)
        refuse(connection)

    with staged(database_url) as stage:
        assert stage.poll(many(3)).outcome == "changed"
        with monkeypatch.context() as patch:
            patch.setattr(snapshots, "write_version", breaks)
            result = stage.poll(many(4))
        assert (result.outcome, result.version) == ("failed", 1)
        assert "the catalog cannot be recorded: " in (result.error or "")
        assert "\n" not in (result.error or "")
        assert stage.state.head_version == 1
        assert len(stage.events()) == 0
        assert stage.poll(many(4)).outcome == "changed"
        with stage.database.read() as connection:
            outcomes = connection.execute(select(t.poll.c.outcome).order_by(t.poll.c.id)).scalars()
            assert list(outcomes) == ["changed", "failed", "changed"]


def test_a_reason_of_any_length_and_letters_is_kept(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.served = GatewayError("odd \x00 \ud800 " + "x" * 100_000)
        result = stage.poll()
        assert result.outcome == "failed"
        assert result.error is not None
        assert result.error.startswith("odd \\0 \\ud800 xxx")
        assert len(result.error) < 1100
    assert Database(database_url).safe_url
