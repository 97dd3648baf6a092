"""`docs/reference/configuration.md`: every key, from the table that reads them."""

import re
from collections.abc import Iterator
from pathlib import Path

from pricetrail.settings.files import ENVIRONMENT, Raw
from pricetrail.settings.keys import SOURCE, WEB_KEYS, WEBHOOK, Key, Keys
from pricetrail.settings.where import Where
from pricetrail.template import TEMPLATE
from tests.docs.reference import page, table

_LEAD = """\
Every key with its kind, what holds where it is left out, and the variable that sets it where there
is no file. What they do is in [The configuration](../configuration.md). Each may be written as
`env:NAME` or `file:PATH`; those that may hold a secret should be, and are never shown."""
_SECTIONS = (
    ("`[sources.NAME]`", SOURCE, "sources"),
    ("`[webhooks.NAME]`", WEBHOOK, "webhooks"),
    ("`[web]`", WEB_KEYS, "web"),
)

_NO_FILE = Raw(ENVIRONMENT, {}, Path(), from_file=False)


def text() -> str:
    """The page."""
    return page("Every key of the configuration", _LEAD, _parts())


def _parts() -> Iterator[str]:
    for heading, keys, section in _SECTIONS:
        yield f"## {heading}"
        yield table(("key", "kind", "default", "variable"), _rows(keys, section))
    yield "## The file that `pricetrail init` writes"
    yield f"```toml\n{TEMPLATE}```"


def _rows(keys: Keys, section: str) -> Iterator[tuple[str, ...]]:
    for name, key in keys.items():
        # Without a file there are no webhooks.
        variable = "" if section == "webhooks" else f"`{Where(_NO_FILE, section).key(name)}`"
        yield f"`{name}`", _kind(key), _default(key), variable


def _kind(key: Key) -> str:
    words = (key.kind.__doc__ or "").split("\n")[0].rstrip(".")
    return f"{words}; may hold a secret" if key.secret else words


def _default(key: Key) -> str:
    if key.required:
        return "needed"
    return "" if key.default in (None, "", [], {}) else f"`{_written(key.default)}`"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if not isinstance(value, str | list) else re.sub("'", '"', repr(value))
