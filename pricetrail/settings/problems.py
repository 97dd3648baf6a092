"""One thing that is wrong with the configuration."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One line: the file (or the environment), the key, what is wrong and the remedy.

    `section` and `name` say whose it is: `webhooks` and `prices` for `[webhooks.prices]`. `place`
    is the line and the column of a text that is no TOML. A value is never repeated, as it may be
    a secret.
    """

    origin: str
    key: str
    text: str
    section: str = ""
    name: str = ""
    place: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = "line {}, column {}".format(*self.place) if self.place else ""
        return ": ".join(filter(None, (self.origin, place, self.key, self.text)))


def near(key: str, known: Iterable[str], *, prefix: str = "") -> str:
    """What a misspelt key may have meant, or all that there are."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(key.lower(), names, n=1)
    if found:
        return f"; did you mean {prefix}{names[found[0]]}?"
    return f"; there are: {', '.join(prefix + name for name in sorted(names.values()))}"
