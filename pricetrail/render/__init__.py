"""What people see: lines, aligned tables, progress; and what programs read: exact JSON."""

from pricetrail.render.bars import progress
from pricetrail.render.output import (
    body,
    inert,
    line,
    note,
    print_json,
    print_pieces,
    raw,
    raw_json,
    short_id,
)
from pricetrail.render.screen import recently, when
from pricetrail.render.tables import Column, Heading, table

__all__ = [
    "Column",
    "Heading",
    "body",
    "inert",
    "line",
    "note",
    "print_json",
    "print_pieces",
    "progress",
    "raw",
    "raw_json",
    "recently",
    "short_id",
    "table",
    "when",
]
