"""The sources that are kept in the database: what each says."""

import json
from collections.abc import Mapping


def labels_in(text: str | None) -> Mapping[str, str]:
    """The labels that settings say; none where those are damaged."""
    if text is None:
        return {}
    try:
        found = json.loads(text)["labels"]
        return {name: value for name, value in found.items() if isinstance(value, str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
