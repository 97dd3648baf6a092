"""Fields of log entries: what a collector of JSON logs searches by, beside the line for people."""

from collections.abc import Mapping

# The attribute of a log record that holds them.
FIELDS = "fields"


def fields(**values: object) -> Mapping[str, object]:
    """Make the `extra` of a log call: `log.info("…", extra=fields(source="s"))`.

    What is None is left out. The names are those of docs/running.md; no value may hold a secret.
    """
    return {FIELDS: {name: value for name, value in values.items() if value is not None}}
