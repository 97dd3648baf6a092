"""What an engine does not do, or cannot."""

from pathlib import Path

from pricetrail.audit.usage.errors import UsageFileError


class EngineMissingError(UsageFileError):
    """The optional libraries of an engine are not installed."""

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"--engine {engine} needs pricetrail[{engine}]: pip install '.[{engine}]' in "
            "pricetrail's folder"
        )


def refused(path: Path, why: str) -> UsageFileError:
    """The error for a file that an engine does not read as the streaming audit does."""
    return UsageFileError(f"{path} {why}: leave --engine out")
