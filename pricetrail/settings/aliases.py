"""`[aliases]`: which names stand for the same model."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pricetrail.catalog.aliases import NO_ALIASES, Aliases, grouped, problems
from pricetrail.settings import kinds
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import ALIASES
from pricetrail.settings.kinds import BadValueError
from pricetrail.settings.problems import Problem
from pricetrail.settings.references import resolved
from pricetrail.settings.tables import raw_of


class ReadAliases(NamedTuple):
    """What is sound, and every problem of the rest; nothing of a faulty group is in force."""

    aliases: Aliases
    problems: tuple[Problem, ...]


def load(named: Path | None, environ: Mapping[str, str]) -> Aliases:
    """The groups of the configuration.

    Args:
        named: the file that `--config` names.

    Raises:
        SettingsError: something is wrong with them, or the file cannot be read.
    """
    aliases, wrong = aliases_of(raw_of(named, environ), environ)
    if wrong:
        raise SettingsError(*wrong)
    return aliases


def aliases_of(raw: Raw, environ: Mapping[str, str]) -> ReadAliases:
    """The groups of the file; from the environment alone there are none."""
    table = raw.tables.get(ALIASES, {})
    if not isinstance(table, dict):
        text = f'write a table [{ALIASES}] with lines such as "gpt-5" = ["openai/gpt-5"]'
        return ReadAliases(NO_ALIASES, (Problem(raw.origin, ALIASES, text, ALIASES),))
    read: dict[str, tuple[str, ...]] = {}
    found: list[Problem] = []
    for name, given in table.items():
        try:
            read[name] = kinds.names(resolved(given, raw.folder, environ))
        except BadValueError as error:
            found.append(_problem(raw, name, error.text))
    faulty = list(problems(read))
    found += [_problem(raw, error.group, error.text) for error in faulty]
    bad = {error.group for error in faulty}
    sound = {name: others for name, others in read.items() if name not in bad}
    return ReadAliases(grouped(sound), tuple(found))


def _problem(raw: Raw, name: str, text: str) -> Problem:
    return Problem(raw.origin, f"{ALIASES}.{name}", text, ALIASES, name)
