"""A poll and a delivery in a process that kills itself at a named step (a child of tests)."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import delivering, sending
from pricetrail.jobs.polls import news, polling
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Database
from pricetrail.storage.history import snapshots
from pricetrail.storage.outbox import leases
from pricetrail.storage.polls import coverage_log, poll_rows, polls

# Each step by the name it is called by: before it is done, or after.
STEPS: dict[str, tuple[Any, str]] = {
    "source moved on": (polls, "move_on"),
    "coverage written": (coverage_log, "log_changed"),
    "poll recorded": (poll_rows, "log"),
    "version written": (snapshots, "write_version"),
    "announced": (news, "announce"),
    "claimed": (leases, "claim"),
    "posted": (sending, "post"),
    "attempt recorded": (leases, "record_attempt"),
    "transaction": (Database, "write"),
}


def die_at(step: str, moment: str) -> None:
    """Let a step kill the process, before or after it is done."""
    owner, name = STEPS[step]
    real: Callable[..., Any] = getattr(owner, name)

    def dying(*arguments: Any, **options: Any) -> Any:
        if moment == "after":
            real(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


def main(url: str, catalog: str, receiver: str, step: str, moment: str) -> None:
    """Poll the catalog in a file and deliver what is due."""
    if step:
        die_at(step, moment)
    database = Database(url)
    hooks = {"main": Webhook(name="main", url=receiver, allow_private=True)}
    source = Source(name="pipellm", url="http://localhost/v1/models", api_key="sk-made-up")
    body = Path(catalog).read_bytes()
    polling.Poller(database, hooks, fetch=lambda *_a, **_o: Answer(200, body, None)).poll(source)
    delivering.Deliverer(database, hooks).deliver_due()
    database.close()
