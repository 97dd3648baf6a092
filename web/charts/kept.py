"""Charts that were drawn lately: what is settled stays as it is drawn, while time goes on.

An axis that ends now would move with every second. It ends up to a pixel later instead, and is
drawn anew only when that would be seen, or when something changed of the model.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from markupsafe import Markup

from pricetrail.queries.steps import PriceGroup
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.remembered import Remembered
from pricetrail.web.charts.frames import gap_words
from pricetrail.web.charts.marks import Links
from pricetrail.web.charts.steps import charts_of, figure
from pricetrail.web.charts.words import essence

# In characters: a chart of a busy model has twenty thousand.
_MOST = 6_000_000
# Fewer parts of a chart's width than it has pixels.
_PARTS = 1000
_START = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def figures_of(answer: TrailAnswer, links: Links, around: Hashable) -> Iterator[Markup]:
    """Every chart of an answer, as `figure` draws it but for less than a pixel.

    Args:
        around: all that the addresses of the links depend on.
    """
    if answer.sameness is None:
        for number, group in enumerate(charts_of(answer), 1):
            yield figure(answer, group, f"chart-{number}", links)
        return
    steady = _steady(answer)
    for number, group in enumerate(charts_of(answer), 1):
        words = essence(answer.model, group, answer.since, answer.until)
        extent = (steady.since, steady.until, steady.gaps)
        drawn = _KNOWN.get(
            (answer.sameness, around, number, words, extent, _shown(group)),
            partial(figure, steady, group, f"chart-{number}", links, words),
        )
        yield _in_exact_words(drawn, steady, answer)


_KNOWN: Remembered[Hashable, Markup] = Remembered(_MOST, size=len)


def _shown(group: PriceGroup) -> tuple[tuple[str, int, int], ...]:
    """Which steps there are: of a model that stayed the same they follow from the first."""
    return tuple((one.path, one.steps[0].version, len(one.steps)) for one in group.prices)


def _steady(answer: TrailAnswer) -> TrailAnswer:
    """The answer with the ends of its time, and of what polls have seen, where they stay a while.

    What is first or last of its gaps moves along: those are what nobody has seen yet.
    """
    grain = _grain(answer.until - answer.since)
    since, until = _floor(answer.since, grain), _floor(answer.until, grain) + grain
    gaps = list(answer.gaps)
    if gaps and gaps[0].since == answer.since:
        gaps[0] = replace(gaps[0], since=since)
    if gaps and gaps[-1].until == answer.until:
        # Later rather than earlier: it began with the last poll, and no change lies in it.
        begin = min(until, _floor(gaps[-1].since, grain) + grain)
        gaps[-1] = replace(gaps[-1], since=begin, until=until)
    return replace(answer, since=since, until=until, gaps=tuple(gaps))


def _grain(length: timedelta) -> timedelta:
    """So little time that nobody sees it, of a length that is the same for lengths alike."""
    seconds = int(length / _PARTS / _SECOND)
    return _SECOND * (1 << max(0, seconds.bit_length() - 1))


def _floor(at: datetime, grain: timedelta) -> datetime:
    return at - (at - _START) % grain


def _in_exact_words(drawn: Markup, steady: TrailAnswer, answer: TrailAnswer) -> Markup:
    """The drawing with the exact times of its first and its last gap."""
    ends = slice(None, None, max(1, len(answer.gaps) - 1))
    for kept, gap in zip(steady.gaps[ends], answer.gaps[ends], strict=True):
        drawn = drawn.replace(gap_words(kept), gap_words(gap))
    return drawn
