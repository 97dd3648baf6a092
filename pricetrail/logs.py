"""Logs: one line an entry on stderr, plain for people or JSON with fields for a log collector."""

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339, to_millisecond
from pricetrail.text.log_fields import FIELDS
from pricetrail.text.sanitize import sanitize

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
_LONGEST = 10_000
# They log whole URLs, a webhook's secret among them, or repeat what is told elsewhere.
_TOO_TALKATIVE = (
    *("httpx", "httpcore", "apscheduler", "stamina", "alembic", "sqlalchemy"),
    # It tells whom it connects as.
    "psycopg",
)

# Not even their errors: what is wrong is told by whoever meets it.
_TOLD_ELSEWHERE = (
    # They are whole tracebacks as text; the page tells its own.
    "uvicorn",
    # Of connections that break while they are given back, when all is said or done.
    "sqlalchemy.pool",
)


def configure(level: str, form: str) -> None:
    """Send every logger to stderr, in `form` (`text` or `json`), from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in _TOLD_ELSEWHERE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def is_structured() -> bool:
    """Whether entries go to a collector, with fields, and not to people."""
    return any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers)


def _one_line(record: logging.LogRecord) -> str:
    """The message, and of an exception its kind alone: its frames and text may hold secrets."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        text += f" ({record.exc_info[0].__name__})"
    return sanitize(" ".join(text.split()), _LONGEST)


def _at(record: logging.LogRecord) -> str:
    return rfc3339(to_millisecond(datetime.fromtimestamp(record.created, UTC)))


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_at(record)} {record.levelname.lower()} {_one_line(record)}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _one_line(record),
        }
        # Libraries' entries have none.
        fields: Mapping[str, object] = getattr(record, FIELDS, {})
        added = {name: _plain(value) for name, value in fields.items() if name not in entry}
        return dumps(entry | added)


def _plain(value: object) -> object:
    """A field's value as JSON knows it; text from outside is inert."""
    if isinstance(value, datetime):
        return rfc3339(to_millisecond(value))
    if isinstance(value, str):
        return sanitize(value, _LONGEST)
    if isinstance(value, Mapping):
        return {sanitize(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    return value
