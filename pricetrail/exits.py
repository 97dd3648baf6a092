"""How commands end: 0 done, 1 something failed, 2 usage or configuration, 3 nothing to say."""

from pricetrail.catalog.errors import PricetrailError


class FailedError(PricetrailError):
    """Something that was asked for failed: a poll, a delivery, a verification."""

    exit_code = 1


class UsageProblemError(PricetrailError):
    """The command line, or the configuration, cannot be used as it is."""

    exit_code = 2


def exit_code(error: PricetrailError) -> int:
    """The exit code that an error stands for; 1 where it names none."""
    return int(getattr(error, "exit_code", 1))
