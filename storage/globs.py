"""Globs as a database matches them: of thousands of names only those that fit are read."""

import re

from sqlalchemy import Column, ColumnElement, Connection


def matching(connection: Connection, column: Column[str], glob: str) -> ColumnElement[bool]:
    """Whether a column holds a name that `text.globs.matches` takes, case and all."""
    signs = _SIGNS.findall(glob)
    if connection.dialect.name == "sqlite":
        # Its LIKE knows no case. Within brackets every sign is itself.
        pattern = "".join(
            f"[{sign[-1]}]" if sign == "[" or (len(sign) > 1 and sign[-1] in "*?") else sign[-1]
            for sign in signs
        )
        return column.op("GLOB", is_comparison=True)(pattern)
    wild = {"*": "%", "?": "_"}
    pattern = "".join(
        wild.get(sign) or (f"!{sign[-1]}" if sign[-1] in "%_!" else sign[-1]) for sign in signs
    )
    return column.like(pattern, escape="!")


# As `text.globs` takes a glob apart.
_SIGNS = re.compile(r"\\[*?!\\]|.", re.DOTALL)
