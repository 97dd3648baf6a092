"""What a comparison looks like where it is not simple."""

import pytest

from pricetrail.queries.compare import ask
from pricetrail.storage.database import Database
from pricetrail.views.compare import show_model, show_models
from tests.support.histories import at, build, catalog, failed, model, tokens


def test_doubt_stands_beside_a_name_and_many_names_are_counted(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(sqlite_url)
    for number in range(9):
        priced = tokens("0", "0") if number < 4 else tokens(f"0.00000{number}", "0")
        build(database, f"s{number}", [("10:00", catalog(model("m", priced)))])
    failed(database, "s0", "11:00")
    build(database, "t", [("10:00", catalog()), ("12:00", catalog(model("m", {})))])
    with database.read() as transaction:
        show_model(ask(transaction, "m", at("11:00")))
    words = capsys.readouterr().out
    free = "$0.00 /1M  s0 (gap), s1 (gap), s2 (gap) and 1 more  s4 (gap) $4.00, s5 (gap) $5.00"
    assert f"prompt      {free} and 3 more" in words
    assert "t       not visible to this key yet     2026-03-01T10:00:00Z  bracketed" in words
    database.close()


def test_nothing_in_common_is_said(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("a")))])
    build(database, "t", [("10:00", catalog(model("b", {})))])
    with database.read() as transaction:
        show_models(ask(transaction))
        show_model(ask(transaction, "b"))
    said = capsys.readouterr().out.splitlines()
    first = "none of the 2 sources lists a model of another at 2026-03-01T10:00:00Z"
    assert said[0] == f"{first}: they are compared by id, and by the names that [aliases] joins"
    assert "no prices" in said
    assert said[-1].split("  ")[0] == "t"
    assert "  listed without prices  " in said[-1]
    database.close()
