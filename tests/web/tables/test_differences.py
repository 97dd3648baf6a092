"""What lies between two versions, as people read it."""

import shutil
from pathlib import Path

from pricetrail.storage.database import Database
from pricetrail.storage.remembered import forget_all
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


def test_lines_that_were_told_are_told_again(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    dear, dearer = tokens("0.000005", "0.00002"), tokens("0.000007", "0.00002")
    first = [model("early", dear), model("late"), model("back", dear)]
    second = [model("early", dear), model("late", dearer), model("back")]
    build(database, "s", hourly("10:00", [catalog(model("early"), model("late"), model("back"))]))
    build(database, "s", hourly("11:00", [catalog(*first)]))
    with database.read() as transaction:
        before = difference(transaction, "s", "1", "latest")
    build(database, "s", hourly("12:00", [catalog(*second)]))
    with database.read() as transaction:
        after = difference(transaction, "s", "1", "latest")
        forget_all()
        anew = difference(transaction, "s", "1", "latest")
    assert [line.key for line in after.repriced] == [line.key for line in anew.repriced]
    assert after.answer == anew.answer
    (early,) = (line for line in after.repriced if line.models == ("early",))
    assert any(line is early for line in before.repriced)
    database.close()


def test_what_was_told_of_another_history_is_not_gone_on_from(
    sqlite_url: str, tmp_path: Path
) -> None:
    """As after a backup was restored: the first version is the same, the second is not."""
    other = f"sqlite:///{shutil.copyfile(sqlite_url.removeprefix('sqlite:///'), tmp_path / 'o.db')}"
    begin, cheap = catalog(model("m"), model("n")), tokens("0.000001", "0.000015")
    for url, history in (
        (other, [begin, catalog(model("m", cheap), model("n"))]),
        (sqlite_url, [begin, catalog(model("m"), model("n", cheap)), catalog(model("n", cheap))]),
    ):
        database = Database(url)
        build(database, "s", hourly("10:00", history))
        with database.read() as transaction:
            newest = difference(transaction, "s", "1", "latest").answer
        database.close()
    assert ([item.model for item in newest.repriced], newest.removed) == (["n"], ("m",))
