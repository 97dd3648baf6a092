"""A report as plain text: what a chat shows when its layout was refused, and Apprise's body."""

from collections.abc import Callable

from pricetrail.alerts.report import Report
from pricetrail.alerts.truncation import pack
from pricetrail.text.lines import Line, flat


def text_of(
    report: Report, limit: int, write: Callable[[Line], str] = flat, *, titled: bool = True
) -> str:
    """The whole report in at most `limit` characters; `write` puts one line into the channel's
    own spelling and may make it longer. `titled`: it begins with the title."""
    start = [write(report.title) if titled else "", report.intro]
    end = [write(line) for line in report.footer]
    frame = sum(len(line) + 1 for line in (*start, *end)) + 300
    packed = pack(
        report.sections,
        lambda line: len(write(line)) + 3,
        budget=max(limit - frame, 0),
        heading=60,
    )
    lines = [line for line in start if line]
    for section in packed.sections:
        lines += ["", f"{section.title}:"]
        texts = [write(line) for line in section.lines]
        lines += [", ".join(texts)] if section.flow else texts
    lines += ["", packed.rest] if packed.rest else []
    return "\n".join([*lines, "", *end]).strip()
