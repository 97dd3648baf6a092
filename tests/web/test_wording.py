"""How pages say times, prices and changes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.prices import Price
from pricetrail.web import wording
from tests.support.html import read

PROMPT = "/pricing/text/prompt"
AT = datetime(2026, 3, 1, 9, 5, 7, 123000, UTC)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (Decimal("0.000003"), Decimal("0.0000025"), "prompt $3.00 → $2.50 /1M ▼ 16.7%"),
        (Decimal("0.000003"), Decimal("0.0000029999"), "prompt $3.00 → $2.9999 /1M ▼ under 0.01%"),
        (Decimal("0.000003"), Decimal("0.00003"), "prompt $3.00 → $30.00 /1M ▲ ×10"),
        (Decimal("0.000003"), Decimal("0.0000030"), "prompt back at $3.00 /1M"),
        (Decimal("0.000003"), Decimal(0), "prompt became free (was $3.00 /1M)"),
        (Decimal(0), Decimal("0.000003"), "prompt was free, now $3.00 /1M"),
        (ABSENT, Decimal("0.000003"), "prompt price appeared: $3.00 /1M"),
        (Decimal("0.000003"), ABSENT, "prompt price withdrawn (was $3.00 /1M)"),
        (Decimal("0.000003"), "ask <us>", "prompt $3.00 /1M → “ask <us>”"),
    ],
)
def test_a_change(old: Decimal | str | Absent, new: Decimal | str | Absent, said: str) -> None:
    markup = str(wording.change(Change(PROMPT, old, new)))
    assert read(markup).text == said
    assert "<us>" not in markup


def test_a_change_names_the_exact_amounts_and_says_the_direction_aloud() -> None:
    page = read(wording.change(Change(PROMPT, Decimal("0.000003"), Decimal("0.0000025"))))
    (whole, *_) = page.all("span", class_="change")
    assert whole.get("title") == "0.000003 to 0.0000025 USD/token"
    (mark,) = page.all("span", role="img")
    assert mark.get("aria-label") == "down"


def test_times_are_utc_and_exact_on_hover() -> None:
    (time,) = read(wording.time(AT)).all("time")
    assert (time.text, time.get("title")) == ("1 Mar 2026, 09:05 UTC", "2026-03-01T09:05:07.123Z")
    assert wording.time(None) == "never"
    (window,) = read(wording.window((AT, AT + timedelta(hours=1)))).all("span")
    assert window.text == "1 Mar 09:05–10:05 UTC"
    assert "2026-03-01T09:05:07.123Z to 2026-03-01T10:05:07.123Z" in (window.get("title") or "")
    (since,) = read(wording.since((None, AT))).all("time")
    assert (
        since.text,
        since.get(
            "title",
        ),
    ) == (
        "1 Mar 2026",
        "by 09:05 UTC on 1 Mar 2026: by 2026-03-01T09:05:07.123Z",
    )


def test_a_long_id_is_shortened_in_the_middle_and_whole_on_hover() -> None:
    name = "vendor/" + "x" * 60 + "-final"
    (shown,) = read(wording.model_id(name)).all("code")
    assert shown.get("title") == name
    assert shown.text.startswith("vendor/xx")
    assert shown.text.endswith("-final")
    assert len(shown.text) == 40
    assert read(wording.model_id("gpt")).one("code").get("title") is None


def test_what_is_no_amount_is_shown_as_text() -> None:
    flagged = wording.price_of(Price(PROMPT, "USD/token", None, "<b>-1"))
    assert read(flagged).text == "“<b>-1”"
    assert (
        read(wording.price_of(Price(PROMPT, "USD/token", Decimal("0.000003")))).text == "$3.00 /1M"
    )
