"""What a file of usage was read as, and what of it was left out, beside the answer."""

from pricetrail.audit.usage.reading import Reading
from pricetrail.render import note
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted


def show_reading(reading: Reading, file: str | None = None) -> None:
    """Say on stderr which format was recognised and what was left out.

    Args:
        file: named where there are several.
    """
    of = f" of {sanitize(file)}" if file is not None else ""
    if reading.name is not None:
        note(f"read{f' {sanitize(file)}' if file is not None else ''} as {reading.name}")
    if reading.zone_unused:
        note(f"--timezone is not used{of}: times of {reading.name} are UTC")
    if reading.empty:
        note(f"left out {counted(reading.empty, 'row')} without any usage{of}")
    if reading.totals:
        note(f"left out {counted(reading.totals, 'line')} of totals{of}")
    if reading.unread:
        note(f"{counted(reading.unread, 'cost')}{of} could not be read, and cannot be compared")
