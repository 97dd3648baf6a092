"""Charts that were drawn lately: what is settled stays as it is drawn, while time goes on.

An axis that ends now would move with every second. It ends up to a pixel later instead, and is
drawn anew only when that would be seen, or when something changed of the model. Gaps in what polls
have seen are drawn each time: they come and grow without any change.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from markupsafe import Markup

from pricetrail.queries.coverage import Gap
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.remembered import Remembered
from pricetrail.web.charts.marks import Links
from pricetrail.web.charts.steps import Drawing, charts_of, drawing_of
from pricetrail.web.charts.words import essence

# In characters: a chart of a busy model has twenty thousand.
_MOST = 6_000_000
# Fewer parts of a chart's width than it has pixels.
_PARTS = 1000
_START = datetime(2000, 1, 1, tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def figures_of(answer: TrailAnswer, links: Links, around: Hashable) -> Iterator[Markup]:
    """Every chart of an answer, as `figure` draws it but for less than a pixel.

    Args:
        around: all that the addresses of the links depend on.
    """
    steady = answer if answer.sameness is None else _steady(answer)
    for number, group in enumerate(charts_of(answer), 1):
        words = essence(answer.model, group, answer.since, answer.until)
        draw = partial(drawing_of, steady, group, f"chart-{number}", links, words)
        if answer.sameness is None:
            yield draw().with_gaps(answer.gaps)
            continue
        extent = (steady.since, steady.until, steady.gaps, steady.seen_until)
        # The words count the steps: of a model that stayed the same they tell which there are.
        key = (answer.sameness, around, number, words, extent)
        yield _KNOWN.get(key, draw).with_gaps(answer.gaps)


_KNOWN: Remembered[Hashable, Drawing] = Remembered(
    _MOST, size=lambda drawing: sum(map(len, drawing.pieces))
)


def _steady(answer: TrailAnswer) -> TrailAnswer:
    """The answer with the ends of its time where they stay for a while.

    Of its gaps those are left that its events may lie in, one that the legend tells of, and the
    last: the others are drawn apart.
    """
    grain = _grain(answer.until - answer.since)
    since, until = _floor(answer.since, grain), _floor(answer.until, grain) + grain
    changed = answer.events[-1].not_after if answer.events else answer.since
    gaps = [
        Gap(since if gap.since == answer.since else gap.since, min(gap.until, changed), gap.why)
        for gap in answer.gaps
        if gap.since < changed
    ]
    last = answer.gaps[-1] if answer.gaps and answer.gaps[-1].until == answer.until else None
    # Later rather than earlier: it is the last poll, and no change lies behind it.
    seen = min(until, _floor(answer.seen_until, grain) + grain)
    later = (gap for gap in answer.gaps if gap.since >= changed and gap is not last)
    gaps += [gap for gap in later if not gap.imported][:1]
    if last is not None:
        gaps.append(Gap(seen, until, last.why))
    return replace(answer, since=since, until=until, gaps=tuple(gaps), seen_until=seen)


def _grain(length: timedelta) -> timedelta:
    """So little time that nobody sees it, of a length that is the same for lengths alike."""
    seconds = int(length / _PARTS / _SECOND)
    return _SECOND * (1 << max(0, seconds.bit_length() - 1))


def _floor(at: datetime, grain: timedelta) -> datetime:
    # Whoever asks may begin with the first instant of all.
    return at - min((at - _START) % grain, at - _EVER)
