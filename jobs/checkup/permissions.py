"""Who else on this machine may read secrets, or change what is recorded."""

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.text.sanitize import sanitize


def look(files: Iterable[tuple[str, Path]], secret: Iterable[Path]) -> Iterator[Finding]:
    """Look at the files that are there; one line says that all is well.

    Args:
        files: each with what it is.
        secret: those of them that hold a secret.
    """
    hidden = {path.resolve() for path in secret}
    found: list[Finding] = []
    looked_at = {path.resolve(): what for what, path in files if path.is_file()}
    for path, what in looked_at.items():
        found += _problems(what, path, is_secret=path in hidden)
    yield from found or [Finding("files", OK, "nobody else may change them or read a secret")]


def _problems(what: str, path: Path, *, is_secret: bool) -> Iterator[Finding]:
    mode, name = path.stat().st_mode, sanitize(str(path))
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        whom = "everybody" if mode & stat.S_IWOTH else "its group"
        remedy = f"chmod go-w {name}"
        yield Finding("files", FAIL, f"{what}: {whom} may change {name}: run `{remedy}`")
    if mode & stat.S_IROTH:
        if is_secret:
            text = f"{what} holds a secret and everybody may read {name}: run `chmod o-r {name}`"
            yield Finding("files", FAIL, text)
        elif what.startswith("the database"):
            yield Finding("files", WARN, f"{what}: everybody may read {name}")
