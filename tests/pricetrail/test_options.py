"""Options that many commands share."""

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.audits import document
from tests.support.histories import build, catalog, model, tokens


@pytest.fixture(autouse=True)
def _history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`long` gets dearer between .500 and .700 of a second."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    cheap, dear = (catalog(model("long", tokens(f"0.00000{n}", "1"))) for n in (3, 4))
    times = {"00.500": cheap, "00.700": dear, "09.000": dear}
    database = Database(sqlite_url)
    build(database, "pipellm", [(f"2026-03-10T12:00:{t}Z", found) for t, found in times.items()])
    database.close()


def test_a_price_is_asked_with_all_digits() -> None:
    for at, prompt in (("12:00:00.699999Z", "0.000003"), ("12:00:00.700Z", "0.000004")):
        shown = document("price", "long", "--at", f"2026-03-10T{at}", "--field", "text.prompt")
        assert shown["at"] == f"2026-03-10T{at}"
        assert shown["prices"][0]["amount"] == prompt


@pytest.mark.parametrize(("digits", "number"), [("6999999", 1), ("7", 1), ("7000001", 0)])
def test_events_are_asked_for_with_all_digits(digits: str, number: int) -> None:
    shown = document("events", "--since", f"2026-03-10T12:00:00.{digits}Z")
    assert len(shown["events"]) == number
