"""What lies between two versions, as people read it."""

from pricetrail.storage.database import Database
from pricetrail.web.tables.differences import Difference, difference
from tests.support.histories import build, catalog, hourly, model, tokens
from tests.web.market import market


def differences(url: str) -> Difference:
    alike = [model(f"same-{n}") for n in range(4)]
    cheaper = [model(f"same-{n}", tokens("0.000002", "0.000015")) for n in range(4)]
    before = [model("up"), model("mixed"), model("still"), model("gone"), *alike]
    after = [
        model("up", tokens("0.000006", "0.00003"), display_name="Other"),
        model("mixed", tokens("0.000002", "0.00002")),
        model("still", display_name="Still!"),
        model("new"),
        model("new-2"),
        *cheaper,
    ]
    database = Database(url)
    build(database, "s", hourly("10:00", [catalog(*before), catalog(*after)]))
    with database.read() as transaction:
        found = difference(transaction, None, "baseline", "latest")
        assert difference(transaction, "s", "1", "2") is found
        back = difference(transaction, "s", "2", "1")
    assert (back.answer.added, back.a.version) == (("gone",), 2)
    database.close()
    return found


def test_counts_add_up(sqlite_url: str) -> None:
    found = differences(sqlite_url)
    answer = found.answer
    assert found.directions == [("increase", 1), ("decrease", 4), ("mixed", 1)]
    assert sum(number for _, number in found.directions) == len(answer.repriced)
    assert (len(answer.updated), found.both, found.unchanged) == (2, 1, 0)
    changed = len(answer.repriced) + len(answer.updated) - found.both
    assert found.unchanged + changed + len(answer.removed) == found.a.models
    assert found.unchanged + changed + len(answer.added) == found.b.models


def test_the_largest_change_comes_first_and_equal_ones_are_one_line(sqlite_url: str) -> None:
    lines = differences(sqlite_url).repriced
    assert [line.models for line in lines] == [
        ("up",),
        ("mixed",),
        tuple(f"same-{n}" for n in range(4)),
    ]


def test_another_history_of_the_same_name_is_not_taken_for_it(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    market(database)
    with database.read() as transaction:
        assert difference(transaction, None, "1", "2").answer.added != ()
    database.close()
