"""Reading the configuration again, while what stands on it goes on."""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import InvalidInputError, PricetrailError
from pricetrail.context import App
from pricetrail.jobs.error_log import described
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.log_lines import Changes, log_fault, log_kept, log_kept_webhooks, log_reload
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.serving import renewed
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.kept_webhooks import with_kept
from pricetrail.settings.keys import WEBHOOKS
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import IN_DATABASE, Problem
from pricetrail.settings.rereading import FileValues, configured
from pricetrail.settings.web import WebSettings
from pricetrail.settings.whole import Needs, Whole, read_whole
from pricetrail.storage import kept_sources
from pricetrail.storage.outbox import kept_webhooks
from pricetrail.text.sums import counted

if TYPE_CHECKING:
    from pricetrail.web.server import Page

# Of `[web]`: what a server is started with.
_AT_START = ("host", "port", "root_path", "trusted_proxies")


@dataclass(slots=True)
class Reload:
    """Exchanges all that is in force for what the configuration says now, or nothing of it.

    `from_file`: what is in force came from a file, and not from the environment alone. `faults` is
    what was wrong with what is in force, which is over once it is exchanged. `base` is the
    configuration without the webhooks that the database keeps, and `kept` what those said last.
    """

    app: App
    in_force: InForce
    needs: Needs
    from_file: bool
    web: WebSettings | None = None
    page: "Page | None" = None
    supervisor: Supervisor = field(default_factory=Supervisor)
    faults: list[Problem] = field(default_factory=list)
    aliases: Aliases = NO_ALIASES
    base: Settings | None = None
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> None:
        """Reload, and log what came of it; nothing is raised."""
        self.supervisor.reloading()
        try:
            with self.lock:
                self._exchange(*self._read())
        except SettingsError as error:
            log_kept(error.lines)
        except PricetrailError as error:
            log_kept([str(error)])
        except Exception as error:  # noqa: BLE001 - told by its kind and place; the old one stays
            log_kept([described(error)])
        polled = counted(len(self.in_force.now.sources), "source")
        self.supervisor.reloaded(f"polling {polled}")

    def look(self) -> None:
        """Have the webhooks of the database be in force as they are kept now.

        What is wrong with one is logged; it is owed its messages.
        """
        with self.app.database().read() as transaction:
            kept = kept_webhooks.settings(transaction)
        if kept == self.kept or self.base is None:
            return
        with self.lock:
            before = self.in_force.now
            settings = self._with_kept(self.base, kept)
            files = before.files
            if isinstance(files, FileValues):
                files = files.with_others(settings, os.environ)
            self.in_force.replace(replace(before, webhooks=settings.webhooks, files=files))
            if self.page is not None:
                site = replace(self.page.site, webhooks=tuple(settings.webhooks.values()))
                self.page.replace(site)
        log_kept_webhooks(Changes.between(before.webhooks, settings.webhooks))

    def _with_kept(self, base: Settings, kept: Mapping[str, str]) -> Settings:
        """A configuration with the webhooks of the database, whose faults are told."""
        settings = with_kept(base, kept, os.environ, secrets=self.needs.polls)
        over = self._of_kept(self.faults)
        new = self._of_kept(settings.problems)
        self.faults[:] = [*(it for it in self.faults if it not in over), *new]
        for problem in new:
            if problem not in over:
                log_fault(str(problem), problem.section, problem.name)
        self.base, self.kept = base, kept
        return settings

    def _of_kept(self, problems: Iterable[Problem]) -> list[Problem]:
        return [it for it in problems if it.section == WEBHOOKS and it.origin.endswith(IN_DATABASE)]

    def _read(self) -> tuple[Whole, Mapping[str, str]]:
        with self.app.database().read() as transaction:
            recorded = kept_sources.known(transaction)
            kept = kept_webhooks.settings(transaction)
            needs = replace(self.needs, kept=not kept_sources.is_empty(transaction))
        whole = read_whole(self.app.config, os.environ, recorded, needs)
        if self.from_file and not whole.settings.raw.from_file:
            raise InvalidInputError("the configuration file is not there any more: put it back")
        return whole, kept

    def _exchange(self, whole: Whole, kept: Mapping[str, str]) -> None:
        settings = with_kept(whole.settings, kept, os.environ, secrets=self.needs.polls)
        before, after = self.in_force.now, configured(settings, os.environ)
        # Whatever may fail comes first.
        site = None if self.page is None else renewed(self.page, settings, whole.web)
        restart, web = self._at_restart(whole), self._of_web(whole)
        aliases = whole.settings.aliases != self.aliases
        self.aliases = whole.settings.aliases
        self.in_force.replace(after)
        if self.page is not None and site is not None:
            self.page.replace(site)
        self.faults[:] = self._of_kept(self.faults)
        self._with_kept(whole.settings, kept)
        log_reload(
            Changes.between(before.sources, after.sources),
            Changes.between(before.webhooks, after.webhooks),
            web,
            restart,
            aliases=aliases,
        )

    def _at_restart(self, whole: Whole) -> list[str]:
        """The keys that are others, and stay as they are."""
        moved = whole.database_url != self.app.unchecked_database().url
        of_web = [
            f"web.{key}"
            for key in _AT_START
            if self.web is not None and getattr(self.web, key) != getattr(whole.web, key)
        ]
        return [*(["database_url"] if moved else []), *of_web]

    def _of_web(self, whole: Whole) -> list[str]:
        """The keys of the page that are others from now on."""
        if self.page is None:
            return []
        site = self.page.site
        changes = {
            "tokens": site.tokens != whole.web.tokens,
            "allowed_hosts": site.hosts != whole.web.hosts,
        }
        return [key for key, changed in changes.items() if changed]


class Reloads:
    """Does a reload whenever it is asked for, one after the other, on a thread of its own.

    Whoever asks while one is under way gets another one after it.
    """

    def __init__(self, reload: Reload, stopping: Stop) -> None:
        self._reload = reload
        self._stopping = stopping
        self._asked = threading.Event()
        self._over = False

    def ask(self) -> None:
        """Ask for one; it never waits."""
        self._asked.set()

    def __enter__(self) -> "Reloads":
        threading.Thread(target=self._work, name="reload", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        # It is not waited for: a database, or a file that it reads, may hang.
        self._over = True
        self._asked.set()

    def _work(self) -> None:
        while self._asked.wait():
            self._asked.clear()
            if self._over:
                return
            if not self._stopping.is_set():
                self._reload()
