"""How certain a claim may be by its chain: what the links allow, and what is too strong."""

from dataclasses import replace
from typing import Any

import pytest

from pricetrail.catalog.bundle_reading import ChainLink, Claim, Instant, Side, parse_instant
from pricetrail.catalog.certainty import Stretches, overstated, set_aside

DIGEST = bytes(32)


def at(hour: float) -> Instant:
    return parse_instant(f"2026-03-01T{int(hour):02}:{round(hour % 1 * 60):02}:00Z")


def link(version: int, not_before: float | None, not_after: float) -> ChainLink:
    before = at(not_before) if not_before is not None else None
    return ChainLink(version, "{}", DIGEST, DIGEST, DIGEST, version, "s", 1, before, at(not_after))


SEEN = Stretches({1: link(1, None, 10), 2: link(2, 11, 12), 3: link(3, 13, 14)})


def side(version: int, hour: float | None = None) -> Side:
    return Side(version, at(hour) if hour is not None else None, None, [])


def claim(
    certainty: str, version: int, hour: float, span: tuple[float, float], **sides: Side
) -> Claim:
    return Claim(
        source="s",
        model="a",
        at=at(hour),
        certainty=certainty,
        head=DIGEST,
        since=at(span[0]),
        until=at(span[1]),
        stated=side(version),
        before=sides.get("before"),
        after=sides.get("after"),
        unchecked=[],
    )


def problems(made: Claim, *, agreed: bool = False) -> str:
    return "; ".join(overstated(made, SEEN, agreed=agreed))


OBSERVED = claim("observed", 1, 10.5, (10, 11))
BRACKETED = claim("bracketed", 1, 11.5, (10, 11), before=side(1, 11), after=side(2, 12))
GAP = claim("gap", 2, 12.5, (12, 12.25), before=side(2, 12.25), after=side(2, 13))
LAST = claim("gap", 3, 20, (14, 14), before=side(3, 14))


def test_a_version_is_seen_from_its_first_sighting_to_its_last() -> None:
    assert (SEEN.first_seen(2), SEEN.last_seen(2)) == (at(12), at(13))
    assert [SEEN.holds(2, at(hour)) for hour in (11.5, 12, 12.5, 13, 13.5)] == [
        *(False, True, True, True, False),
    ]
    # After the last one there is no link that says when it was last seen.
    assert SEEN.last_seen(3) is None
    assert SEEN.holds(3, at(23))
    assert [SEEN.began(3, at(hour)) for hour in (13.5, 14)] == [False, True]
    assert not SEEN.began(4, at(23))
    assert not SEEN.holds(4, at(23))


def test_a_last_sighting_never_lies_before_the_first() -> None:
    seen = Stretches({1: link(1, None, 10), 2: link(2, 9, 12), 3: link(3, None, 14)})
    assert (seen.last_seen(1), seen.last_seen(2)) == (at(10), at(12))


# To the very instants of what was seen.
AT_ONCE = claim("observed", 1, 10, (10, 10))
AT_LAST = claim("observed", 1, 11, (10, 11))
AS_SEEN_BEFORE = claim("bracketed", 1, 11, (10, 11), before=side(1, 11), after=side(2, 12))
AS_SEEN_AFTER = claim("gap", 2, 13, (12, 13), before=side(2, 13), after=side(2, 13))
NEXT = claim("gap", 2, 13.5, (12, 13), before=side(2, 13), after=side(3, 14))


@pytest.mark.parametrize(
    "made",
    [OBSERVED, BRACKETED, GAP, LAST, AT_ONCE, AT_LAST, AS_SEEN_BEFORE, AS_SEEN_AFTER, NEXT],
    ids=lambda made: made.certainty,
)
def test_a_claim_that_the_links_allow_has_no_problem(made: Claim) -> None:
    assert problems(made) == ""


def test_two_versions_that_agree_make_one_observation() -> None:
    made = claim("observed", 1, 11.5, (10, 12.5))
    assert problems(made) == (
        f"the catalog changed between {at(11)} and {at(12)}: unless versions 1 and 2 are proven to "
        "agree, the price was not observed"
    )
    assert problems(made, agreed=True) == ""
    beyond = claim("observed", 1, 11.5, (10, 13.5))
    assert problems(beyond, agreed=True) == f"version 2 was not seen until {at(13.5)}"


UNSAID = "it is not said when version 1 was seen before, or it was not seen then"


@pytest.mark.parametrize(
    ("made", "changes", "why"),
    [
        (
            OBSERVED,
            {"certainty": "sure"},
            "the claim does not say how certain it is: observed, bracketed or gap",
        ),
        (OBSERVED, {"at": at(9)}, "version 1 was first seen after the time asked about"),
        (OBSERVED, {"at": at(12)}, "version 2 was there already at the time asked about"),
        (OBSERVED, {"since": at(9)}, f"version 1 was not seen from {at(9)} on"),
        (OBSERVED, {"since": at(11), "until": at(10)}, f"version 1 was not seen from {at(11)} on"),
        (OBSERVED, {"before": side(1, 10)}, "an observed price has no two sides"),
        (OBSERVED, {"after": side(1, 11)}, "an observed price has no two sides"),
        (OBSERVED, {"until": at(10.25)}, "what was observed does not reach the time asked about"),
        (OBSERVED, {"since": at(10.75)}, "what was observed does not reach the time asked about"),
        (OBSERVED, {"until": at(11.5)}, f"version 1 was not seen until {at(11.5)}"),
        (BRACKETED, {"until": at(11.25)}, f"version 1 was not seen until {at(11.25)}"),
        (GAP, {"until": at(12.75)}, f"version 2 was not seen until {at(12.75)}"),
        (BRACKETED, {"before": None}, UNSAID),
        (BRACKETED, {"before": side(2, 12)}, UNSAID),
        (BRACKETED, {"before": side(1)}, UNSAID),
        (BRACKETED, {"before": side(1, 11.5)}, UNSAID),
        (BRACKETED, {"after": None}, "a bracketed price has two sides"),
        (BRACKETED, {"after": side(1, 11)}, f"version 1 was not seen after it at {at(11)}"),
        (BRACKETED, {"after": side(2, 11.5)}, f"version 2 was not seen after it at {at(11.5)}"),
        (BRACKETED, {"after": side(3, 14)}, f"version 3 was not seen after it at {at(14)}"),
        (
            GAP,
            {"before": side(2, 12.75)},
            f"what was seen before is of {at(12.75)}, which is after the time asked about",
        ),
        (
            GAP,
            {"after": side(2, 12.25)},
            f"what was seen after is of {at(12.25)}, which is before the time asked about",
        ),
        (GAP, {"after": side(1, 10)}, f"version 1 was not seen after it at {at(10)}"),
        (GAP, {"after": side(4, 15)}, f"version 4 was not seen after it at {at(15)}"),
    ],
)
def test_a_claim_that_says_more_is_told_what_is_too_strong(
    made: Claim, changes: dict[str, Any], why: str
) -> None:
    assert problems(replace(made, **changes)) == why


def test_a_next_version_that_was_set_aside_at_first_is_no_contradiction() -> None:
    """Seen at 12 and set aside, it may be in the chain before the time asked about."""
    made = claim("gap", 1, 12.5, (10, 11), before=side(1, 11), after=side(2, 13))
    assert set_aside(made)
    assert problems(made) == ""
    assert not set_aside(replace(made, certainty="bracketed"))
    assert problems(replace(made, certainty="bracketed")) == (
        "version 2 was there already at the time asked about"
    )
    assert not set_aside(replace(made, after=side(1, 13)))
    assert not set_aside(replace(made, after=None))
