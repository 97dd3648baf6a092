"""What fits, and an exact count of what does not."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pricetrail.alerts.report import Section
from pricetrail.text.kinds import in_order, of_kind
from pricetrail.text.lines import Line, Span
from pricetrail.text.sums import counted

# A message that nobody can read to its end is not calm, even where the channel takes it.
MAX_LINES, MAX_NAMES = 40, 120


@dataclass(frozen=True, slots=True)
class Packed:
    """The sections cut to size; `rest` says what was left out (`""`: nothing was)."""

    sections: tuple[Section, ...]
    rest: str


def pack(
    sections: Sequence[Section],
    cost: Callable[[Line], int],
    *,
    budget: int,
    heading: int,
    most: int | None = None,
) -> Packed:
    """Keep the first lines of each section within `budget`, shared fairly among sections.

    `cost` measures one line in the channel's own units, its separator included; `heading` is
    what a section costs beyond its lines; `most` is the largest that one section may be. Each
    section gets its even share; what a small one leaves goes to the larger ones.
    """
    needs = [sum(map(cost, _calm(section))) for section in sections]
    left, shares = budget - heading * len(sections), [0] * len(sections)
    by_need = sorted(range(len(sections)), key=needs.__getitem__)
    for done, index in enumerate(by_need):
        shares[index] = min(needs[index], left // (len(sections) - done), most or budget)
        left -= shares[index]
    kept = [_cut(section, cost, share) for section, share in zip(sections, shares, strict=True)]
    return Packed(tuple(section for section in kept if section.lines), _rest(sections, kept))


def _calm(section: Section) -> tuple[Line, ...]:
    return section.lines[: MAX_NAMES if section.flow else MAX_LINES]


def _cut(section: Section, cost: Callable[[Line], int], share: int) -> Section:
    kept: list[Line] = []
    for line in _calm(section):
        share -= cost(line)
        if share < 0:
            break
        kept.append(line)
    return replace(section, lines=tuple(kept))


def _rest(sections: Sequence[Section], kept: Sequence[Section]) -> str:
    left: Counter[str] = Counter()
    for whole, part in zip(sections, kept, strict=True):
        for line in whole.lines[len(part.lines) :]:
            left[line.kind] += line.count
    if not left:
        return ""
    parts = ", ".join(of_kind(kind, count) for kind, count in in_order(left))
    return f"and {counted(left.total(), 'more change')}: {parts}"


def fitted(line: Line, limit: int, measure: Callable[[Line], int]) -> Line:
    """A line that alone is over a limit loses spans from its end, whole ones, and says so."""
    if measure(line) <= limit:
        return line
    spans = list(line.spans)
    while spans:
        spans.pop()
        shorter = replace(line, spans=(*spans, Span(" …")))
        if measure(shorter) <= limit:
            return shorter
    return replace(line, spans=(Span("…"),), mark="")
