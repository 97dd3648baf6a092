"""What the log says of the service, of polls and of deliveries: each line in one place.

docs/running.md lists them with their fields.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.polls.results import Polled
from pricetrail.storage.outbox.deliveries import DEAD
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.polls.outcomes import FAILED
from pricetrail.text.log_fields import fields
from pricetrail.text.sums import counted, listed

log = logging.getLogger("pricetrail.service")

# So many sources or webhooks are named in the line for people; the fields name all.
_NAMED = 5


def log_start(
    release: str,
    database: str,
    webhooks: Iterable[str],
    next_slots: Mapping[str, datetime | None],
    now: datetime,
) -> None:
    """Log that the service starts, and what it works on.

    Args:
        release: pricetrail's own version.
        database: its address without secrets.
        next_slots: when each source is polled next; None where it is paused.
    """
    hooks = list(webhooks)
    when = {
        name: "paused" if slot is None else "due" if slot <= now else f"next {_second(slot)}"
        for name, slot in next_slots.items()
    }
    log.info(
        "pricetrail %s starts: database %s; %s; %s",
        release,
        database,
        _named("source", [f"{name} ({at})" for name, at in when.items()]),
        _named("webhook", hooks),
        extra=fields(
            release=release,
            database=database,
            sources=list(next_slots),
            webhooks=hooks,
            next_slots=dict(next_slots),
            next_at=min((slot for slot in next_slots.values() if slot is not None), default=None),
        ),
    )


def log_stop(ran_ms: int) -> None:
    """Log that the service has ended well."""
    log.info("stopped: everything in hand was finished", extra=fields(duration_ms=ran_ms))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reload changed in one section of the configuration, by name."""

    added: list[str]
    changed: list[str]
    removed: list[str]

    @classmethod
    def between(cls, before: Mapping[str, object], after: Mapping[str, object]) -> "Changes":
        """From one state of a section to another."""
        return cls(
            [name for name in after if name not in before],
            [name for name in after if name in before and after[name] != before[name]],
            [name for name in before if name not in after],
        )

    def words(self, noun: str) -> Iterator[str]:
        """`2 sources added: a, b`, and so on."""
        for what, names in (
            ("added", self.added),
            ("changed", self.changed),
            ("removed", self.removed),
        ):
            if names:
                yield _named(noun, names, what)


def log_kept_webhooks(changes: Changes) -> None:
    """Log that webhooks of the database are others now."""
    words = "; ".join(changes.words("webhook"))
    if words:
        log.info(
            "in the database: %s",
            words,
            extra=fields(
                webhooks_added=changes.added,
                webhooks_changed=changes.changed,
                webhooks_removed=changes.removed,
            ),
        )


def log_reload(
    sources: Changes,
    webhooks: Changes,
    web: Sequence[str],
    restart: Sequence[str],
    *,
    aliases: bool = False,
) -> None:
    """Log that a configuration that was read again is in force, and what it changed.

    Args:
        web: the keys of `[web]` that are others now.
        restart: the keys that are others, and stay as they were until a restart.
        aliases: whether other names stand for one model now.
    """
    changes = [*sources.words("source"), *webhooks.words("webhook")]
    changes += [f"web: {', '.join(web)}"] if web else []
    changes += ["aliases changed"] if aliases else []
    log.info(
        "configuration reloaded: %s",
        "; ".join(changes) or "nothing changed",
        extra=fields(
            sources_added=sources.added,
            sources_changed=sources.changed,
            sources_removed=sources.removed,
            webhooks_added=webhooks.added,
            webhooks_changed=webhooks.changed,
            webhooks_removed=webhooks.removed,
            web_changed=list(web),
            aliases_changed=aliases,
        ),
    )
    if restart:
        log.warning(
            "not reloaded, as it takes a restart: %s",
            ", ".join(restart),
            extra=fields(restart=list(restart)),
        )


def log_kept(problems: Sequence[str]) -> None:
    """Log why a configuration that was read again is not in force, a line for each problem."""
    log.error(
        "configuration not reloaded, the one before stays in force: %s",
        counted(len(problems), "problem"),
        extra=fields(error="; ".join(problems)),
    )
    for problem in problems:
        log.error("%s", problem, extra=fields(error=problem))


def log_end(problem: PricetrailError) -> None:
    """Log why the service ends by itself."""
    log.error("the service stops: %s", problem, extra=fields(error=str(problem)))


def log_broken(what: str) -> None:
    """Log that something in the database does not fit together; `what` names the remedy."""
    log.error("the database does not fit together: %s", what, extra=fields(error=what))


def log_fault(problem: str, section: str, name: str) -> None:
    """Log what of the configuration cannot be used, while the service goes on with the rest."""
    subject = {"sources": "source", "webhooks": "webhook"}.get(section)
    named = {subject: name} if subject and name else {}
    log.error("%s", problem, extra=fields(**named, error=problem))


def log_read_again(noun: str, name: str, keys: Sequence[str]) -> None:
    """Log that the files of a source or a webhook say something else than before.

    Args:
        noun: `source` or `webhook`.
        keys: the settings that are others now.
    """
    log.info(
        "%s %s: read again from its files: %s",
        noun,
        name,
        ", ".join(keys),
        extra=fields(**{noun: name}, changed=list(keys)),
    )


def log_file_trouble(noun: str, name: str, problem: str) -> None:
    """Log that a file cannot be used any more: what it said before holds until it can."""
    log.warning(
        "%s; what it said before holds", problem, extra=fields(**{noun: name}, error=problem)
    )


def is_trouble(polled: Polled) -> bool:
    """Whether somebody should hear of it: it failed, or its catalog was set aside just now."""
    return polled.outcome == FAILED or polled.held


def log_poll(polled: Polled) -> None:
    """Log how a poll went: one that failed, or set a catalog aside, is a warning."""
    counts = listed(polled.counts, zeros=False)
    log.log(
        logging.WARNING if is_trouble(polled) else logging.INFO,
        "source %s: %s, version %d%s%s",
        polled.source,
        polled.outcome,
        polled.version,
        f", {counts}" if counts else "",
        f": {polled.error}" if polled.error else "",
        extra=fields(
            source=polled.source,
            outcome=polled.outcome,
            version=polled.version or None,
            status=polled.status,
            error=polled.error,
            quarantine=polled.quarantine,
            next_at=polled.next_at,
            duration_ms=polled.duration_ms,
            **polled.counts if counts else {},
        ),
    )


def log_deliveries(webhook: str, tally: Tally) -> None:
    """Log how many messages of a webhook went out in one go."""
    log.info(
        "webhook %s: %d delivered, %d to retry, %d dead",
        webhook,
        tally.delivered,
        tally.retrying,
        tally.dead,
        extra=fields(webhook=webhook, **tally.counts()),
    )


def log_attempt(attempt: Attempt, *, first: bool) -> None:
    """Log an attempt that failed: dead is an error, the first failure in a row a warning.

    Args:
        first: whether the webhook's attempts begin to fail with this one.
    """
    webhook, dead = attempt.delivery.webhook, attempt.state == DEAD
    next_at = None if dead else attempt.next_at
    log.log(
        logging.ERROR if dead else logging.WARNING if first else logging.INFO,
        "webhook %s: delivery %s failed (%s), %s",
        webhook,
        attempt.delivery.id,
        attempt.error or "no reason given",
        "it is dead" if next_at is None else f"next attempt at {_second(next_at)}",
        extra=fields(
            webhook=webhook,
            delivery=attempt.delivery.id,
            outcome="dead" if dead else "retry",
            status=attempt.status,
            error=attempt.error,
            attempts=attempt.delivery.attempts + 1,
            next_at=next_at,
        ),
    )


def log_pause(attempt: Attempt, why: str) -> None:
    """Log that a webhook is paused, since an attempt failed, until somebody resumes it."""
    webhook = attempt.delivery.webhook
    log.error(
        "webhook %s is paused: %s; once fixed: pricetrail webhooks resume %s",
        webhook,
        why,
        webhook,
        extra=fields(
            webhook=webhook,
            delivery=attempt.delivery.id,
            outcome="paused",
            status=attempt.status,
            error=why,
            attempts=attempt.delivery.attempts + 1,
        ),
    )


def _second(moment: datetime) -> str:
    return rfc3339(moment.replace(microsecond=0))


def _named(noun: str, names: list[str], what: str = "") -> str:
    """`2 webhooks: a, b`, with a count of those that are too many to name."""
    shown = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    begin = " ".join(filter(None, (counted(len(names), noun), what)))
    return f"{begin}{': ' if names else ''}{shown}{more}"
