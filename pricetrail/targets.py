"""Files that a command writes: whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pricetrail.exits import UsageProblemError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file beside `target` that takes its place when all of it is written.

    Raises:
        UsageProblemError: it cannot be written there.
    """
    beside = target.with_name(f".{target.name}.part")
    try:
        yield beside
        beside.replace(target)
    except OSError as error:
        raise UsageProblemError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)
