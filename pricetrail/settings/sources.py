"""`[sources.NAME]`: what a source says, held to what a source may be."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pricetrail.jobs.source import Source, SourceError
from pricetrail.settings import values
from pricetrail.settings.keys import SOURCE, Keys
from pricetrail.settings.problems import Problem
from pricetrail.settings.where import Where

# What stands for what is missing, where it is not needed or as long as the rest is looked at.
INSTEAD: dict[str, Any] = {"api_key": "missing", "url": SOURCE["url"].default}
# A public list's: no key is needed.
_PUBLIC: Keys = {**SOURCE, "api_key": replace(SOURCE["api_key"], required=False)}


def source_of(
    where: Where, written: Mapping[str, Any], environ: Mapping[str, str], *, secrets: bool
) -> tuple[Source | None, list[Problem]]:
    """A source, and all that is wrong with it: None where anything is.

    Args:
        secrets: whether the key and the addresses are needed.
    """
    is_public = written.get("auth") == "none"
    keys = _PUBLIC if is_public else SOURCE
    instead = INSTEAD | ({"api_key": ""} if is_public else {})
    found = values.read(where, keys, written, environ, secrets=secrets)
    if isinstance(found.sound.get("ca_file"), str):
        given = found.sound["ca_file"]
        found.sound["ca_file"] = os.path.join(where.raw.folder, given)  # noqa: PTH118 - cheaper
    while True:
        try:
            source = Source(**(instead | found.sound | {"name": where.name}))
        except SourceError as error:
            is_written = error.key in found.sound
            found.note(error.key, error.problem)
            # One that is wrong without having been written, such as the name, stays wrong.
            if not is_written:
                return None, found.problems
        else:
            return (None if found.problems else source), found.problems
