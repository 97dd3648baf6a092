"""One entry of a message before any channel's markup: its mark, its words, what it counts for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pricetrail.text.sanitize import sanitize

UP, DOWN = "▲", "▼"
# Signs, not colours, and none that a chat turns into a picture.
_MARKS = {"increase": UP, "decrease": DOWN, "mixed": f"{UP}{DOWN}"}
NEUTRAL = "•"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text. `name` is from outside (and already cleaned): a channel shows it
    literally, as code where it can. `strong` and `text` are our own words."""

    text: str
    kind: Literal["text", "strong", "name"] = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a message.

    `kind` is what it is counted under when it has to be left out, and `count` for how many;
    `mark` stands before it (`""`: nothing does).
    """

    kind: str
    spans: tuple[Span, ...]
    mark: str = ""
    count: int = 1

    @property
    def marked(self) -> tuple[Span, ...]:
        """The spans with the mark before them."""
        return (Span(f"{self.mark} "), *self.spans) if self.mark else self.spans


def mark_of(direction: str | None) -> str:
    """`▲`, `▼`, `▲▼` for a mixed change, `•` for what is neither up nor down."""
    return _MARKS.get(direction or "", NEUTRAL)


def name(value: object, limit: int = 120) -> Span:
    """Text from outside, cleaned."""
    return Span(sanitize(value, limit), "name")


def flat(line: Line) -> str:
    """The line's characters, as they are, its mark before them."""
    return joined(line.marked)


def joined(spans: Iterable[Span]) -> str:
    """The characters of spans."""
    return "".join(span.text for span in spans)
