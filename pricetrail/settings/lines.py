"""On which line of a TOML text each key stands."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pricetrail.settings.problems import Problem


def key_lines(text: str) -> dict[str, int]:
    """The line, from 1, of each key and table of a sound text, by its dotted name.

    A statement is over where what was gathered of it can be parsed by itself.
    """
    found: dict[str, int] = {}
    table, gathered, begun = "", "", 1
    for number, line in enumerate(text.split("\n"), 1):
        gathered += line + "\n"
        try:
            statement = tomllib.loads(gathered)
        except tomllib.TOMLDecodeError:
            continue
        names = list(_names(statement))
        if gathered.lstrip().startswith("["):
            table = names[-1]
            found.setdefault(table, begun)
        else:
            for name in names:
                found[f"{table}.{name}".removeprefix(".")] = begun
        gathered, begun = "", number + 1
    return found


def _names(tables: Mapping[str, object]) -> Iterator[str]:
    """The dotted names of all members, an outer one before those within it."""
    for name, value in tables.items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{member}" for member in _names(value))


def line_of(key: str, lines: Mapping[str, int]) -> int | None:
    """The line of a key, or of the table that it belongs into; None where neither is written."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key)


def located(problem: Problem, lines: Mapping[str, int]) -> Problem:
    """A problem with its line behind the file's name, as `prices.toml:12`, where that is known."""
    number = None if problem.place else line_of(problem.key, lines)
    return problem if number is None else replace(problem, origin=f"{problem.origin}:{number}")
