"""A database that is brought back to what it was, again and again."""

import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from pricetrail.storage.sqlite_files import COMPANIONS
from tests.support.postgres import Postgres


class Copies(ABC):
    """One database at one address, and what is to be had again of it."""

    url: str

    @abstractmethod
    def keep(self) -> None:
        """Let what the database is by now be what it is brought back to; nobody has it open."""

    @abstractmethod
    def is_kept(self) -> bool:
        """Whether it is still, or again, what was kept, as far as that can be told at once."""

    @abstractmethod
    def renew(self) -> None:
        """Bring it back, whoever has it open."""


class Files(Copies):
    """Of an SQLite file."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.file, self._kept = folder / "test.db", folder / "kept"
        self.url = f"sqlite:///{self.file}"
        shutil.copyfile(template, self.file)

    def keep(self) -> None:
        shutil.copyfile(self.file, self._kept)

    def is_kept(self) -> bool:
        beside = any(Path(f"{self.file}{companion}").exists() for companion in COMPANIONS)
        return not beside and self.file.read_bytes() == self._kept.read_bytes()

    def renew(self) -> None:
        for companion in COMPANIONS:
            Path(f"{self.file}{companion}").unlink(missing_ok=True)
        # Another file by the same name: of the one before somebody may hold a lock.
        self.file.unlink(missing_ok=True)
        shutil.copyfile(self._kept, self.file)


class OnServer(Copies):
    """Of a database of a Postgres server, which is dropped at the end of the context.

    Nobody else writes to the server meanwhile.
    """

    def __init__(self, server: Postgres, template: str, user: str = "postgres") -> None:
        self._server, self._watch = server, server.connect()
        self._kept: object = None
        self.url = server.url("again").replace("postgres@", f"{user}@", 1)
        server.create("again", template)

    def keep(self) -> None:
        self._server.create("kept", "again")

    def is_kept(self) -> bool:
        return self._kept == self._next_transaction()

    def renew(self) -> None:
        if not self.is_kept():
            self._server.drop("again")
            self._server.create("again", "kept")
            self._kept = self._next_transaction()

    def _next_transaction(self) -> object:
        """The number of the next one that writes, whether it is committed or not."""
        found = self._watch.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return found.fetchone()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()
        for name in ("again", "kept"):
            self._server.drop(name)
