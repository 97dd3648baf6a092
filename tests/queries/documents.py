"""Answers as programs read them: written out as JSON, and parsed again."""

from collections.abc import Iterator
from typing import Any

from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.answers import Answer


def document(answer: Answer) -> Any:
    """The JSON document of an answer, its long members taken to their end."""
    members = answer.as_json().items()
    whole = {name: list(value) if isinstance(value, Iterator) else value for name, value in members}
    return loads(dumps(whole))
