"""A table's values, each read by its kind: what is sound, and every problem of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pricetrail.settings.keys import Keys
from pricetrail.settings.kinds import BadValueError
from pricetrail.settings.problems import Problem, near
from pricetrail.settings.references import as_written, resolved
from pricetrail.settings.where import Where


@dataclass(slots=True)
class Values:
    """What a table says, by key: as it is `written`, and `sound` in its type.

    `bad` are the keys that something is wrong
    with. `secrets`: whether the secrets are needed. Where they are not, neither a missing one nor
    a bad one is a problem.
    """

    where: Where
    keys: Keys
    written: Mapping[str, Any]
    secrets: bool
    sound: dict[str, Any] = field(default_factory=dict, repr=False)
    resolved: dict[str, Any] = field(default_factory=dict, repr=False)
    problems: list[Problem] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)

    def note(self, key: str, text: str, member: str = "") -> None:
        """Keep what is wrong with a key; of what was read from elsewhere nothing is repeated."""
        if key in self.resolved:
            text = as_written(text, self.written[key], self.resolved[key])
        self.sound.pop(key, None)
        self.bad.add(key)
        if self.secrets or key not in self.keys or not self.keys[key].secret:
            name = ".".join(filter(None, (key, member)))
            self.problems.append(self.where.problem(name, text))


def read(
    where: Where,
    keys: Keys,
    written: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    secrets: bool = True,
) -> Values:
    """Read every key of a table; what is missing, unknown or of another kind is a problem."""
    values = Values(where, keys, written, secrets)
    for key, given in written.items():
        if key not in keys:
            values.note(key, f"unknown key{near(key, keys)}")
            continue
        try:
            actual = resolved(given, where.raw.folder, environ)
            values.resolved[key] = actual
            values.sound[key] = keys[key].kind(actual)
        except BadValueError as error:
            values.note(key, error.text, error.member)
    for key, wanted in keys.items():
        if wanted.required and key not in written:
            # No secret is asked for, but where it would be has to be said.
            text = f'is missing: write {key} = "env:NAME"'
            values.problems.append(where.problem(key, text))
    return values
