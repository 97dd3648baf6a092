"""What can be wrong with a configuration."""

from collections.abc import Iterable, Sequence

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.settings.problems import Problem, lines_of


class SettingsError(InvalidInputError):
    """Names the file, the key and the remedy, a line each (`lines_of`); a value is never repeated:
    it may be a secret."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(it for it in problems if isinstance(it, Problem))
        self.lines = tuple(lines_of(problems))
        super().__init__("\n".join(self.lines))


class PartlyDoneError(FailedError):
    """What was sound was done; `lines` say what was not."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def told(problems: Sequence[Problem], failures: Iterable[str] = ()) -> None:
    """Raise what ends a command that went on with what is sound; nothing where all was.

    Raises:
        SettingsError: something else than a webhook or an alias is wrong: exit code 2.
        PartlyDoneError: one of these is wrong, or something failed: exit code 1.
    """
    failed = list(failures)
    if any(problem.section not in ("webhooks", "aliases") for problem in problems):
        raise SettingsError(*problems, *failed)
    if problems or failed:
        raise PartlyDoneError([*lines_of(problems), *failed])
