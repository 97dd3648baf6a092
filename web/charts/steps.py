"""A group of prices over time as one step chart: wide and narrow, with its legend in words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from pricetrail.catalog.units import PER_TOKEN, RATIO
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup, PriceTrail
from pricetrail.queries.trail import TrailAnswer
from pricetrail.text.money import bare_price
from pricetrail.web.charts import frames, marks
from pricetrail.web.charts.frames import NARROW, WIDE, Frame, Size, gaps_in
from pricetrail.web.charts.labels import spread
from pricetrail.web.charts.marks import Links
from pricetrail.web.charts.markup import element, joined
from pricetrail.web.charts.money_axis import MoneyAxis, money_axis
from pricetrail.web.charts.time_axis import TimeAxis
from pricetrail.web.charts.traces import Line, fewer, is_dense, lines, number, path_data, thinned
from pricetrail.web.charts.words import essence, group_words, series_words

MOST_SERIES = 6
_APART = 16.0
_LONGEST_END = 26
_MOST_AMOUNTS = 5
# Where gaps go; no text that is shown has it.
_GAPS = Markup("\0")


def charts_of(answer: TrailAnswer) -> Iterator[PriceGroup]:
    """The groups that are drawn, each of at most six prices: more lines cannot be told apart."""
    for group in answer.groups:
        for first in range(0, len(group.prices), MOST_SERIES):
            yield replace(group, prices=group.prices[first : first + MOST_SERIES])


class Drawing(NamedTuple):
    """A chart without its gaps, which lie between the pieces: in each picture one after another."""

    ident: str
    pieces: Sequence[Markup]
    frames: Sequence[Frame]

    def with_gaps(self, gaps: Sequence[Gap]) -> Markup:
        """The chart as a `figure`."""
        parts = [self.pieces[0]]
        for frame, piece in zip(self.frames, self.pieces[1:], strict=True):
            parts += [gaps_in(frame, gaps, f"{self.ident}-{frame.size.name}"), piece]
        return joined(*parts)


def figure(answer: TrailAnswer, group: PriceGroup, ident: str, links: Links) -> Markup:
    """The chart of a group as a `figure`; arguments as for `drawing_of`."""
    words = essence(answer.model, group, answer.since, answer.until)
    return drawing_of(answer, group, ident, links, words).with_gaps(answer.gaps)


def drawing_of(
    answer: TrailAnswer, group: PriceGroup, ident: str, links: Links, words: str
) -> Drawing:
    """The chart of a group: two pictures, of which the stylesheet shows one.

    Args:
        ident: the beginning of every id in it, unique on its page.
        words: what it says to who does not see it.
    """
    # Room for the longest of the page: its charts stand under each other.
    ends = [trail for one in answer.groups for trail in one.prices]
    time, scale = _time(answer), _scale(group)
    few = _few(group, time)
    money = _money(few)
    wide, narrow = (
        Frame.of(size, money, time, [_end_words(one, size) for one in ends], scale)
        for size in (WIDE, NARROW)
    )
    place = wide.place(answer.seen_until)
    traces = [[thinned(line) for line in lines(one.steps, place)] for one in few.prices]
    moved = [[narrow.moved(line, wide) for line in trace] for trace in traces]
    events = marks.told(group, answer.events)
    pictures = (
        _picture(
            answer,
            few,
            frame,
            some,
            f"{ident}-{frame.size.name}",
            words,
            marks.drawn(frame, group, events, answer.gaps, links),
        )
        for frame, some in ((wide, traces), (narrow, moved))
    )
    legend = _legend(answer, group, wide, traces, thinned=few is not group)
    whole = element("figure", joined(*pictures, legend), class_="chart", id=ident)
    pieces = whole.split(_GAPS)
    # What they know of places was for the lines.
    apart = [replace(one, time=replace(time, known={}), known={}) for one in (wide, narrow)]
    return Drawing(ident, pieces, apart)


def _picture(
    answer: TrailAnswer,
    group: PriceGroup,
    frame: Frame,
    traces: Sequence[Sequence[Line]],
    ident: str,
    words: str,
    dots: Markup,
) -> Markup:
    drawing = joined(
        element("title", f"{group_words(group)} prices over time", id=f"{ident}-title"),
        element("desc", words, id=f"{ident}-desc"),
        frames.bands(frame, _windows(group)),
        frames.axes(frame),
        _GAPS,
        frames.absences(frame, answer),
        *(
            element("path", d=path_data(trace), class_=_class_of(place, trace))
            for place, trace in enumerate(traces)
        ),
        *(_tail(frame, place, trace) for place, trace in _standing(group, traces)),
        *_ends(frame, group, traces),
    )
    picture = element(
        "g", drawing, role="img", aria_labelledby=f"{ident}-title", aria_describedby=f"{ident}-desc"
    )
    return element(
        "svg",
        joined(frames.hatch(ident), picture, dots),
        viewBox=f"0 0 {frame.size.width} {frame.size.height}",
        class_=frame.size.name,
    )


def _class_of(place: int, trace: Sequence[Line]) -> str:
    return f"trace s{place + 1}" + (" dense" if is_dense(trace) else "")


def _standing(
    group: PriceGroup, traces: Sequence[Sequence[Line]]
) -> Iterator[tuple[int, Sequence[Line]]]:
    """The prices that are an amount at the end, by their place."""
    for place, (trail, trace) in enumerate(zip(group.prices, traces, strict=True)):
        if trace and trail.in_force is not None and trail.in_force.amount is not None:
            yield place, trace


def _tail(frame: Frame, place: int, trace: Sequence[Line]) -> Markup:
    """The line since nobody looked any more."""
    last = trace[-1][-1]
    if not _is_old(frame, trace):
        return Markup("")
    d = f"M{number(last.x)} {number(last.y)}H{number(frame.right)}"
    return element("path", d=d, class_=f"tail s{place + 1}")


def _is_old(frame: Frame, trace: Sequence[Line]) -> bool:
    """Whether one can see that a line ends before now."""
    return frame.right - trace[-1][-1].x >= 1


def _scale(group: PriceGroup) -> int:
    """Prices of tokens are shown per million, shares in percent."""
    return {PER_TOKEN: 6, RATIO: 2}.get(group.unit, 0)


def _few(group: PriceGroup, time: TimeAxis) -> PriceGroup:
    """The group with no more steps than can be told apart; itself where it has none too many."""
    few = [replace(one, steps=fewer(one.steps, time.begin, time.end)) for one in group.prices]
    same = all(len(a.steps) == len(b.steps) for a, b in zip(few, group.prices, strict=True))
    return group if same else replace(group, prices=few)


def _money(group: PriceGroup) -> MoneyAxis:
    amounts = {
        step.amount for trail in group.prices for step in trail.steps if step.amount is not None
    }
    axis = money_axis([amount.scaleb(_scale(group)) for amount in amounts], _MOST_AMOUNTS)
    return replace(axis, percent=group.unit == RATIO)


def _time(answer: TrailAnswer) -> TimeAxis:
    # A single instant is no axis.
    return TimeAxis(answer.since, max(answer.until, answer.since + timedelta(minutes=1)))


def _windows(group: PriceGroup) -> list[tuple[datetime, datetime]]:
    return [
        (step.not_before, step.not_after)
        for trail in group.prices
        for step in trail.steps
        if step.not_before is not None and step.event_id is not None
    ]


def _end_words(trail: PriceTrail, size: Size) -> str:
    """What stands at the end of a line: its name, where there is room, and its last value."""
    now = trail.in_force
    if now is None or now.amount is None:
        return ""
    amount = bare_price(now.amount, trail.unit)
    if not size.named:
        return amount
    return f"{series_words(trail.path)[:_LONGEST_END]} {amount}"


def _ends(frame: Frame, group: PriceGroup, traces: Sequence[Sequence[Line]]) -> Iterator[Markup]:
    """The last values beside the ends of their lines, moved apart where they would overlap."""
    standing = [(place, trace[-1][-1].y) for place, trace in _standing(group, traces)]
    places = spread([y for _, y in standing], _APART, frame.top + 4, frame.bottom)
    for (place, y), to in zip(standing, places, strict=True):
        name, _, amount = _end_words(group.prices[place], frame.size).rpartition(" ")
        words = element("tspan", amount, class_="amount")
        text = Markup("{} {}").format(name, words) if name else words
        lead = f"M{number(frame.right)} {number(y)}L{number(frame.right + 6)} {number(to)}"
        yield element("path", d=lead, class_=f"lead s{place + 1}")
        yield element("text", text, x=frame.right + 9, y=to + 4, class_=f"end s{place + 1}")


def _legend(
    answer: TrailAnswer,
    group: PriceGroup,
    frame: Frame,
    traces: Sequence[Sequence[Line]],
    *,
    thinned: bool,
) -> Markup:
    """Which line is which, and how the chart is to be read, in words."""
    keys = [_key(place, trail) for place, trail in enumerate(group.prices)]
    axis, notes = frame.money, []
    if axis.logarithmic:
        notes.append("logarithmic axis: equal ratios are equally high")
    elif axis.cut:
        notes.append(f"the axis begins at {axis.label(axis.ticks[0])}")
    if any(_slopes(trail) for trail in group.prices):
        notes.append("slope: changed between two polls")
    if any(not gap.imported for gap in answer.gaps):
        notes.append("hatched: no successful poll")
    if any(_is_old(frame, trace) for _, trace in _standing(group, traces)):
        notes.append("dotted: as last seen")
    if frame.time.has_clock(frame.size.most_times):
        notes.append("times are UTC")
    if thinned:
        notes.append("thinned: of changes close together the first, lowest, highest and last")
    note = element("span", " · ".join(notes)) if notes else Markup("")
    return element("figcaption", joined(*keys, note))


def _slopes(trail: PriceTrail) -> bool:
    """Whether one amount followed another: what came or went has no slope."""
    pairs = pairwise(trail.steps)
    return any(one.amount is not None and other.amount is not None for one, other in pairs)


def _key(place: int, trail: PriceTrail) -> Markup:
    sample = element(
        "svg",
        element("path", d="M0 5H24", class_=f"trace s{place + 1}"),
        viewBox="0 0 24 10",
        class_="key",
        aria_hidden="true",
    )
    gone = ", withdrawn" if trail.in_force is None else ""
    if trail.in_force is not None and trail.in_force.amount is None:
        gone = ", no amount"
    return element("span", sample + Markup("{}{}").format(series_words(trail.path), gone))
