"""What a step chart stands in: its size, its axes, and the times about which nothing is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from pricetrail.queries.coverage import Gap
from pricetrail.queries.trail import TrailAnswer
from pricetrail.text.sanitize import sanitize
from pricetrail.web.charts.markup import element, joined
from pricetrail.web.charts.money_axis import MoneyAxis
from pricetrail.web.charts.time_axis import TimeAxis
from pricetrail.web.charts.traces import Line, Place, Vertex, number
from pricetrail.web.charts.words import when

_GLYPH = 7.4
_TOP, _BOTTOM = 12.0, 28.0
_LEAST_GAP = 1.5
_STRIP = 5.0


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's size in units, and what it has room for; `named`: names at the lines' ends.

    Of more events than `most_marks` each has no mark of its own: they share `most_columns`.
    """

    name: str
    width: int
    height: int
    most_times: int
    most_marks: int
    most_columns: int
    named: bool


# One for a column of 1,040 pixels, one for a phone; the stylesheet shows the one that fits.
WIDE = Size("wide", 992, 292, 10, 48, 32, named=True)
NARROW = Size("narrow", 360, 252, 5, 20, 20, named=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """The axes of one picture and the place between them."""

    size: Size
    money: MoneyAxis
    time: TimeAxis
    left: float
    right: float
    scale: int
    # The same few amounts are asked for again and again.
    known: dict[Decimal, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, size: Size, money: MoneyAxis, time: TimeAxis, ends: Sequence[str], scale: int
    ) -> "Frame":
        """A frame with room for the labels of the axis, and for those at the lines' ends.

        Args:
            scale: the power of ten by which amounts are shown larger than they are.
        """
        left = max(6, *(len(money.label(tick)) for tick in money.ticks)) * _GLYPH + 12
        margin = max((len(end) for end in ends), default=0) * _GLYPH + 14
        return cls(size, money, time, left, size.width - margin, scale)

    @property
    def top(self) -> float:
        """The upper edge of the plot."""
        return _TOP

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.size.height - _BOTTOM

    def x(self, at: datetime) -> float:
        """Where a time lies."""
        return self.left + self.time.share(at) * (self.right - self.left)

    def y(self, amount: Decimal) -> float:
        """Where an amount lies."""
        y = self.known.get(amount)
        if y is None:
            share = self.money.share(amount.scaleb(self.scale))
            y = self.known[amount] = self.bottom - share * (self.bottom - self.top)
        return y

    def place(self, end: datetime) -> Place:
        """The same for lines that end at a time."""
        return Place(self.x, self.y, end)

    def moved(self, line: Line, other: "Frame") -> Line:
        """A line of another frame with the same axes, in this one."""
        across = (self.right - self.left) / (other.right - other.left)
        down = (self.bottom - self.top) / (other.bottom - other.top)
        return [
            Vertex(self.left + (x - other.left) * across, self.top + (y - other.top) * down)
            for x, y in line
        ]


def axes(frame: Frame) -> Markup:
    """Hairlines at round amounts and at natural boundaries of time, each with its name."""
    names, grid = [], []
    for tick in frame.money.ticks:
        y = frame.y(tick.scaleb(-frame.scale))
        grid.append(_line(frame.left, y, frame.right, y))
        name = frame.money.label(tick)
        names.append(element("text", name, x=frame.left - 8, y=y + 4, text_anchor="end"))
    ground, *others = grid
    taken = -frame.left
    for boundary in frame.time.ticks(frame.size.most_times):
        x = frame.x(boundary.at)
        others.append(_line(x, frame.top, x, frame.bottom))
        half = len(boundary.label) * _GLYPH / 2
        # The first has its day, too: where that leaves no room, the one beside it has no name.
        if x - half >= taken:
            names.append(_name_of_time(frame, x, boundary.label))
            taken = max(x, frame.left + half) + half
    lines = element("path", d="".join(others), class_="grid") if others else Markup("")
    return joined(lines, element("path", d=ground, class_="grid ground"), *names)


def _name_of_time(frame: Frame, x: float, name: str) -> Markup:
    half = len(name) * _GLYPH / 2
    anchor = "middle"
    if x - half < 0:
        x, anchor = frame.left, "start"
    elif x + half > frame.size.width:
        x, anchor = float(frame.size.width), "end"
    return element("text", name, x=x, y=frame.bottom + 20, text_anchor=anchor)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"


def gaps_in(frame: Frame, gaps: Sequence[Gap], ident: str) -> Markup:
    """Gaps hatched, each saying why."""
    return joined(*(_gap(frame, gap, ident) for gap in _wide_enough(frame, gaps)))


def absences(frame: Frame, answer: TrailAnswer) -> Markup:
    """Where the model was not visible nothing but the words."""
    parts: list[Markup] = []
    if answer.tracked_since > answer.since:
        parts.append(_absence(frame, answer.since, answer.tracked_since, "before tracking"))
    begin = max(answer.tracked_since, answer.since)
    for visible in answer.visible:
        parts.append(_absence(frame, begin, visible.begin[1], "not visible"))
        if visible.end is None:
            return joined(*parts)
        begin = visible.end[0] or visible.end[1]
    parts.append(_absence(frame, begin, answer.until, "not visible"))
    return joined(*parts)


def _wide_enough(frame: Frame, gaps: Sequence[Gap]) -> list[Gap]:
    """Gaps that can be seen, those that touch in the picture as one."""
    found: list[Gap] = []
    for gap in gaps:
        last = found[-1] if found else None
        if (
            last is not None
            and last.why == gap.why
            and frame.x(gap.since) - frame.x(last.until) < 1
        ):
            found[-1] = Gap(last.since, gap.until, gap.why)
        else:
            found.append(gap)
    shown = [gap for gap in found if frame.x(gap.until) - frame.x(gap.since) >= _LEAST_GAP / 5]
    return [gap for gap in shown if gap.until > frame.time.begin]


def _gap(frame: Frame, gap: Gap, ident: str) -> Markup:
    x, end = frame.x(gap.since), frame.x(gap.until)
    # Of what was imported nothing says that polls failed: it is the usual state, said quietly.
    y = frame.bottom - _STRIP if gap.imported else frame.top
    return element(
        "rect",
        element("title", f"{when((gap.since, gap.until))}: {sanitize(gap.why)}"),
        x=x,
        y=y,
        width=max(_LEAST_GAP, end - x),
        height=frame.bottom - y,
        fill=f"url(#{ident}-hatch)",
        class_="gap",
    )


def _absence(frame: Frame, begin: datetime, end: datetime, words: str) -> Markup:
    x, until = frame.x(begin), frame.x(end)
    if until - x < len(words) * _GLYPH + 16:
        return Markup("")
    y = (frame.top + frame.bottom) / 2
    return element("text", words, x=(x + until) / 2, y=y, text_anchor="middle", class_="absent")


def hatch(ident: str) -> Markup:
    """The pattern of gaps; each picture has its own, for one that is hidden lends none."""
    stroke = element("path", d="M0 7L7 0M-1 1L1 -1M6 8L8 6", class_="hatch")
    size = {"width": 7, "height": 7, "patternUnits": "userSpaceOnUse"}
    return element("defs", element("pattern", stroke, id=f"{ident}-hatch", **size))


def bands(frame: Frame, windows: Sequence[tuple[datetime, datetime]]) -> Markup:
    """The time between two polls in which a change happened, as light bands where it is wide."""
    merged: list[tuple[float, float]] = []
    for begin, end in sorted((frame.x(begin), frame.x(end)) for begin, end in set(windows)):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end - begin >= 3:
            merged.append((begin, end))
    height = frame.bottom - frame.top
    return joined(
        *(
            element("rect", x=x, y=frame.top, width=end - x, height=height, class_="bracket")
            for x, end in merged
        )
    )
