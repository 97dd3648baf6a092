"""The exact words of the formats for people (contract, section 3)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pricetrail.alerts.trial import test_event as trial
from pricetrail.catalog import source_events
from pricetrail.catalog.amounts import EXACT_ROUNDING, plain
from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.events import ADDED, PAUSED, REPRICED, SCHEMA_CHANGED, UPDATED, Event
from pricetrail.text.lines import flat, joined
from pricetrail.text.phrases import MAX_LEAVES, change_words, line_of
from tests.alerts.made import AT, NASTY, NOW, START, added, change, event, hook, removed, repriced


def words(*move: Any) -> str:
    """A change's words, without its markup."""
    return "".join(span.text for span in change_words(change(*move)))


def said(one: Event, cost: Decimal | None = None) -> str:
    return joined(line_of(one, cost).spans)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("text/prompt", "0.000003", "0.0000025", "prompt $3.00 → $2.50 /1M (−16.7%)"),
        ("text/completion", "0.00001", "0.000015", "completion $10.00 → $15.00 /1M (+50%)"),
        ("cache/write_1h", "0.000003", "0.000006", "cache write 1h $3.00 → $6.00 /1M (+100%)"),
        (
            "tiers/over_200k/text/prompt",
            "0.000006",
            "0.000005",
            "prompt above 200k $6.00 → $5.00 /1M (−16.7%)",
        ),
        (
            "tiers/over_200k/cache/read",
            "0.0000006",
            "0.0000005",
            "cache read above 200k $0.60 → $0.50 /1M (−16.7%)",
        ),
        ("generation/image/per_image", "0.04", "0.05", "image $0.04 → $0.05 per image (+25%)"),
        (
            "generation/video/per_second_with_audio",
            "0.4",
            "0.35",
            "video with audio $0.40 → $0.35 per second (−12.5%)",
        ),
        ("text/prompt", "0.0000001", "0.0009", "prompt $0.10 → $900.00 /1M (×9,000)"),
        ("text/prompt", "0.0000006", "0", "prompt became free (was $0.60 /1M)"),
        ("text/prompt", "0", "0.0000006", "prompt was free, now $0.60 /1M"),
        ("cache/read", None, "0.00000075", "cache read price appeared: $0.75 /1M"),
        ("cache/read", None, "0", "cache read price appeared: $0.00 /1M"),
        ("cache/write", "0.0000015", None, "cache write price withdrawn (was $1.50 /1M)"),
        ("audio/minute", "0.02", "0.01", "audio.minute 0.02 → 0.01 USD (−50%)"),
        ("native/discount", None, "0.25", "discount appeared: 25%"),
        ("native/discount", "0.25", None, "discount withdrawn (was 25%)"),
        ("native/discount", "0.25", "0", "discount 25% → 0%"),
        ("native/discount", "0", "0.5", "discount 0% → 50%"),
    ],
)
def test_a_change_of_price_in_words(
    path: str, old: str | None, new: str | None, expected: str
) -> None:
    assert words(path, old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.000003", "0"), ("0", "0.000003"), (None, "0.000003"), ("0.000003", None)],
)
def test_no_ratio_is_ever_called_a_percentage(old: str | None, new: str | None) -> None:
    assert "%" not in words("text/prompt", old, new)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("text/prompt", "-1", "0.000001", "prompt “-1” → $1.00 /1M"),
        ("text/prompt", "0.000003", "call us", "prompt $3.00 /1M → “call us”"),
        ("text/prompt", None, "-1", "prompt nothing → “-1”"),
        ("text/prompt", "-1", None, "prompt “-1” → nothing"),
        ("text/prompt", "-1", "1,5", "prompt “-1” → “1,5”"),
        ("text/prompt", "", "0", "prompt “(empty)” → $0.00 /1M"),
        ("text/prompt", True, "0.000001", "prompt True → $1.00 /1M"),
        (
            "tiers/over_200k/cache/read",
            "free",
            "0.000001",
            "cache read above 200k “free” → $1.00 /1M",
        ),
        ("generation/image/per_image", "0.04", "-1", "image $0.04 per image → “-1”"),
        ("generation/video/per_second", "-1", "0.4", "video “-1” → $0.40 per second"),
        ("audio/minute", "-1", "0.02", "audio.minute “-1” → 0.02 USD"),
    ],
)
def test_text_where_a_price_should_be_is_shown_beside_a_price_with_its_unit(
    path: str, old: str | None, new: str | None, expected: str
) -> None:
    assert words(path, old, new) == expected


@pytest.mark.parametrize(("absent", "said"), [("old", "appeared without a price"), ("new", "gone")])
def test_a_null_that_comes_or_goes_is_no_price(absent: str, said: str) -> None:
    sides = (ABSENT, None) if absent == "old" else (None, ABSENT)
    moved = Change("/pricing/text/prompt", *sides)
    assert "".join(span.text for span in change_words(moved)) == f"prompt {said}"


amounts = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(min_value=1, max_value=10**8),
    st.integers(min_value=-40, max_value=11),
)


@given(amounts, amounts | st.none(), st.integers(min_value=6, max_value=40))
@example(Decimal("0.000003"), Decimal("0.0000029999"), 6)
def test_the_sign_of_a_change_is_that_of_the_amounts_however_small(
    old: Decimal, new: Decimal | None, digits: int
) -> None:
    # Without a second one, the amount's next neighbour below.
    moved = EXACT_ROUNDING.subtract(old, Decimal(1).scaleb(-digits)) if new is None else new
    assume(moved > 0)
    assume(moved != old)
    found = change("text/prompt", plain(old), plain(moved))
    said = "".join(span.text for span in change_words(found))
    assert found.percent is not None
    assert found.percent.is_signed() == (moved < old)
    assert ("(−" in said, "(+" in said or "(×" in said) == (moved < old, moved > old)


def test_a_repricing_names_model_prices_and_what_it_costs() -> None:
    one = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"), ("cache/read", None, "0"))
    start = "gpt-5 — prompt $3.00 → $2.50 /1M (−16.7%) · cache read price appeared: $0.00 /1M"
    assert said(one) == start
    assert said(one, Decimal("-412.2")) == f"{start} · about −$412 a month"
    assert line_of(one).kind == "repriced"


def test_a_change_of_kind_shows_both() -> None:
    changes = [Change("/pricing/kind", "token", "generation")]
    one = event(REPRICED, "veo-3", {"changes": changes})
    assert said(one) == "veo-3 — kind token → generation"


def test_what_is_too_much_for_a_line_is_counted() -> None:
    moves = [(f"extra/leaf{place:02}", "1", "2") for place in range(MAX_LEAVES + 3)]
    assert said(repriced("gpt-5", *moves)).endswith(" · and 3 more prices")
    assert said(repriced("gpt-5", *moves[:-2])).endswith(" · and 1 more price")


def test_a_new_model_shows_its_main_prices() -> None:
    assert said(added("gpt-5")) == "gpt-5 — prompt $3.00 /1M · completion $15.00 /1M"


def test_a_new_model_without_prices_is_a_name() -> None:
    assert said(event("model.added", "gpt-5", {"model": {"id": "gpt-5"}})) == "gpt-5"


def test_a_new_model_that_is_retired_already_says_when() -> None:
    ends = {"id": "a", "sunset_at": "2027-01-31T00:00:00Z"}
    told = said(event(ADDED, "a", {"model": ends}))
    assert " · to be retired on 31 January 2027 (in " in told
    assert "retired" not in said(added("a"))


def test_an_end_that_comes_or_goes_is_no_price() -> None:
    def moved(old: object, new: object) -> str:
        made = Change.from_json({"path": "/sunset_at", "old": old, "new": new})
        return "".join(span.text for span in change_words(made))

    end = "2027-01-31T00:00:00Z"
    assert moved(None, end) == "to be retired on 31 January 2027"
    assert moved(end, None) == "no longer to be retired (was 31 January 2027)"


def test_a_removed_model_is_counted_as_no_longer_visible() -> None:
    line = line_of(removed("gpt-4"))
    assert (line.kind, flat(line)) == ("no longer visible", "• gpt-4")


def test_prompt_comes_first_whatever_else_there_is() -> None:
    paths = ("cache/read", "text/completion", "text/prompt")
    changes = [
        Change(f"/pricing/{path}", Decimal("0.000002"), Decimal("0.000001")) for path in paths
    ]
    words = said(event(REPRICED, "gpt-5", {"changes": changes}))
    places = [words.index(name) for name in ("prompt", "completion", "cache read")]
    assert places == sorted(places)
    pricing = {"cache": {"read": "0.1"}, "text": {"completion": "0.2", "prompt": "0.1"}}
    words = said(event(ADDED, "gpt-5", {"model": {"id": "gpt-5", "pricing": pricing}}))
    places = [words.index(name) for name in ("prompt", "completion", "cache read")]
    assert places == sorted(places)


def test_an_update_shows_the_fields() -> None:
    changes = [
        Change("/display_name", "Gpt 5", "GPT-5"),
        Change("/context", ABSENT, Decimal("4E+5")),
    ]
    one = event(UPDATED, "gpt-5", {"changes": changes})
    assert said(one) == "gpt-5 — context nothing → 400000 · display_name Gpt 5 → GPT-5"


def test_a_failing_source_says_since_when_and_that_prices_stay() -> None:
    one = source_events.failing("pipellm", 3, at=AT, since=START, failures=3, error="HTTP 503")
    assert said(one) == (
        "pipellm cannot be read: 3 polls in a row failed, since 09:00 UTC on 23 Nov 2026. "
        "Prices stay as last seen until it answers again. Last error: HTTP 503"
    )


def test_a_reminder_says_that_it_lasts_and_how_many_polls_were_never_made() -> None:
    for missed, words in (
        (1, ", and 1 scheduled poll was never made. "),
        (12, ", and 12 scheduled polls were never made. "),
    ):
        one = source_events.failing(
            "s", 3, at=AT, since=START, failures=96, error="", missed=missed, reminder=1
        )
        assert said(one) == (
            "s still cannot be read: 96 polls in a row failed, since 09:00 UTC on 23 Nov 2026"
            f"{words}Prices stay as last seen until it answers again."
        )


def test_a_recovered_source_says_so() -> None:
    one = source_events.recovered("pipellm", 3, at=AT, since=START, failed_polls=4)
    assert said(one) == (
        "pipellm can be read again after 4 failed polls, the first at 09:00 UTC on 23 Nov 2026."
    )
    away = source_events.recovered("s", 3, at=AT, since=START, failed_polls=4, missed_polls=2)
    assert said(away).endswith(" Nov 2026, and 2 scheduled polls were never made.")


def test_one_failed_poll_is_a_poll() -> None:
    one = source_events.recovered("pipellm", 3, at=AT, since=START, failed_polls=1)
    assert " after 1 failed poll, " in said(one)


def test_a_quarantine_says_why_what_was_kept_back_and_how_to_look() -> None:
    one = source_events.quarantined(
        "pipellm",
        3,
        at=AT,
        quarantine=7,
        reason="no models at all",
        models=0,
        counts={"added": 0, "removed": 60, "repriced": 1, "updated": 0},
    )
    assert said(one) == (
        "A suspicious catalog of pipellm was set aside: no models at all. Not announced: "
        "60 removed, 1 repriced. The last good prices stay in force. "
        "To review it: pricetrail quarantine show 7"
    )


@pytest.mark.parametrize("verdict", ["approved", "rejected", "confirmed", "superseded"])
def test_a_release_says_what_became_of_it(verdict: str) -> None:
    one = source_events.released("pipellm", 3, at=AT, quarantine=7, verdict=verdict)
    start = "The catalog of pipellm that was set aside (number 7) was "
    assert said(one).startswith(start)
    assert said(one).removeprefix(start).split()[0].rstrip(":") in {verdict, "dropped"}


def test_a_new_field_in_the_catalog_names_it_and_some_models() -> None:
    data = {"paths": ["/pricing/audio/in"], "kinds": ["voice", "music"], "models": list("abcdefg")}
    assert said(event(SCHEMA_CHANGED, None, data)) == (
        "Never seen before in pipellm: price field audio.in, pricing kinds voice, music, "
        "in a, b, c, d, e and 2 more. Kept, compared and shown like the others."
    )


def test_a_new_kind_alone_reads_well_too() -> None:
    data = {"paths": [], "kinds": ["voice"], "models": ["a"]}
    start = "Never seen before in pipellm: pricing kind voice, in a."
    assert said(event(SCHEMA_CHANGED, None, data)).startswith(start)


def test_our_own_notices_are_their_text() -> None:
    assert said(trial(hook(), NOW)).startswith("This is a test message from pricetrail: ")
    assert said(event(PAUSED, None, {"text": ""})) == "webhook.paused"


def test_a_paused_webhook_is_named_with_the_reason_and_the_remedy() -> None:
    one = event(PAUSED, None, {"text": "x", "webhook": "prices", "why": "HTTP 404"})
    assert said(one) == (
        "The webhook prices is paused: HTTP 404. What it is owed is kept; "
        "once fixed: pricetrail webhooks resume prices"
    )
    assert [span.text for span in line_of(one).spans if span.kind == "name"] == [
        "prices",
        "HTTP 404",
        "pricetrail webhooks resume prices",
    ]


@pytest.mark.parametrize("nasty", NASTY)
def test_what_comes_from_outside_is_a_name_and_never_our_own_words(nasty: str) -> None:
    moves = [(nasty, "1", "2"), ("text/prompt", nasty, None)]
    events = [
        repriced(nasty, *moves, source=nasty),
        added(nasty),
        source_events.failing(nasty, 1, at=AT, since=START, failures=3, error=nasty),
        event(SCHEMA_CHANGED, None, {"paths": [nasty], "kinds": [nasty], "models": [nasty]}),
    ]
    for one in events:
        own = "".join(span.text for span in line_of(one).spans if span.kind != "name")
        assert nasty not in own
        assert "\x1b" not in flat(line_of(one))
        assert "\n" not in flat(line_of(one))
