"""One thing that is wrong with the configuration."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

IN_DATABASE = " in the database"
# So many lines of one kind are read.
_MOST = 10


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


def told_once(lines: Iterable[tuple[str, Hashable]]) -> list[str]:
    """Lines; of more than a few with the same words the first alone, and how many more.

    Args:
        lines: each with its words, which are None where it stands for itself.
    """
    every = list(lines)
    counts = Counter(words for _, words in every)
    once = {words for words, number in counts.items() if words is not None and number > _MOST}
    first = dict(reversed([(words, number) for number, (_, words) in enumerate(every)]))
    return [
        f"{line} (and so in {counts[words] - 1:,} more)" if words in once else line
        for number, (line, words) in enumerate(every)
        if words not in once or first[words] == number
    ]


def lines_of(problems: Iterable[Problem | str]) -> list[str]:
    """A line for each problem; one alone for what is wrong alike with all that a database keeps."""
    return told_once((str(problem), _words(problem)) for problem in problems)


def _words(problem: Problem | str) -> Hashable:
    if isinstance(problem, str) or not problem.origin.endswith(IN_DATABASE):
        return None
    return problem.section, problem.key, problem.text
