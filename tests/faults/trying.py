"""A work is tried while something fails, looked at, and done again: nothing lost, nothing half."""

import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from traceback import format_exception
from typing import Any, NoReturn

from click.testing import CliRunner
from sqlalchemy import func, select, text, update

from pricetrail.cli import main
from pricetrail.demo.gateway import Gateway
from pricetrail.storage import remembered, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.verification.verify import verify
from tests.faults.copies import Copies
from tests.faults.works import KNOWN, Work
from tests.support.receivers import Receiver, receiving, status

KEY, SECRET = "sk-canary-2b7e", "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktMTIzNDU2Nzg"
PLACE, PASSWORD = "canary-of-a-place", "canary-of-a-user"
# Longer than any wait of ours for a lock.
LONGEST = 45

SETTINGS = """
database_url = "{database}"

[webhooks.main]
url = "{receiver}/{place}"
format = "json"
secrets = ["whsec_{secret}"]
allow_private = true
{more}
"""
# No slot comes while the test runs, but those that it moves.
SOURCE = """
[sources.{name}]
url = "{gateway}"
api_key = "{key}"
schedule = "@yearly"
"""
_OURS = re.compile(r"pricetrail: |[^ ]+Z (?:error|warning) (?:source|webhook|poll\b)")
# Words of the libraries below, and of ours where nobody thought of an error.
_FOREIGN = re.compile(
    r"Traceback|sqlalche|\(psycopg|psycopg\.|sqlite3\.|\[SQL|\[parameters|Exception |, line \d"
    r"|unexpected \w+ in |please report",
)


class HungError(BaseException):
    """A command did not end."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str
    raised: BaseException | None

    def require_clear(self) -> None:
        """An exit code of the contract, words of ours, and no secret among them."""
        assert self.raised is None, "".join(format_exception(self.raised))
        unread = "pricetrail.toml: cannot be read" in self.err
        assert self.code in (0, 1) or (self.code == 2 and unread), self
        for line in self.err.splitlines():
            assert _OURS.match(line), line
        assert not _FOREIGN.search(self.err), self.err
        assert self.code == 0 or "pricetrail: " in self.err, self
        for secret in (KEY, SECRET, PLACE, PASSWORD):
            assert secret not in self.out + self.err, self


@dataclass(frozen=True)
class Found:
    """What a database holds; of polls, alike is what came of them, however many there were.

    `slots`: how many each source has polled. `ids` of the events, in their order: what is set aside
    is numbered by the server, with gaps.
    """

    versions: dict[str, int]
    events: Sequence[tuple[str, str | None]]
    deliveries: Sequence[str]
    set_aside: Sequence[str]
    slots: dict[str, int]
    ids: Sequence[str] = field(compare=False)
    polls: int = field(compare=False)


class Trial:
    """One work on one database, with gateways and a receiver of its own."""

    def __init__(self, work: Work, copies: Copies, receiver: Receiver, moving: Gateway) -> None:
        self.work, self.copies = work, copies
        self.receiver, self.moving = receiver, moving
        self._database = Database(copies.url)

    def prepare(self, still: Gateway) -> None:
        """Do what came before, and find out what becomes of it where nothing fails."""
        gateways = [self.moving] + [still] * self.work.still
        settings = SETTINGS.format(
            database=self.copies.url,
            receiver=self.receiver.url,
            place=PLACE,
            secret=SECRET,
            more=self.work.webhook,
        )
        for name, gateway in zip(self.work.sources, gateways, strict=True):
            settings += SOURCE.format(name=name, gateway=gateway.url, key=KEY)
        Path("pricetrail.toml").write_text(settings, encoding="utf-8")
        if self.work.known:
            self._done("poll")
        self.moving.catalog = self.work.served
        if self.work.command == ("poll", "--due"):
            self._done("poll", "--due")
        if self.work.owed:
            self.receiver.always = status(500)
            self.run("poll")
        self._pass_time(slots_too=True)
        self._database.close()
        self.copies.keep()
        self.before = self.look()
        self._renew()
        self.usual = self.run(*self.work.command)
        self.usual.require_clear()
        self.after = self.look()
        self.again()
        self.end = self.look()
        assert self.end != self.before or self.work.served == self.work.known

    def try_with(self, fault: AbstractContextManager[object]) -> Ended:
        """Do the work while something fails, look, and do it again; how it ended at first."""
        self._renew()
        with fault:
            ended = self.run(*self.work.command)
        ended.require_clear()
        if ended.code and self.copies.is_kept() and not self.receiver.requests:
            return ended  # nothing was done: doing it again is what `prepare` did
        # What is wrong in it is found to be wrong at the end.
        found = self.look(proof=False)
        if ended.code == 0:
            assert found == self.after, "what was not done is no success"
            assert found.polls == self.after.polls
        # All of what a poll brings, or nothing of it.
        happened = [one for one in (self.before, self.after) if one.events == found.events]
        assert len(found.deliveries) in {len(one.deliveries) for one in happened}
        self.again()
        found = self.look()
        assert found == self.end
        self._require_told(found.ids)
        return ended

    def again(self) -> None:
        """Do it again as cron would, once leases and waits are over."""
        self._pass_time()
        self.receiver.scripts.clear()
        ended = self.run(*self.work.command)
        ended.require_clear()
        assert ended.code == 0, ended

    def run(self, *arguments: str) -> Ended:
        """Run a command in this process, as one that knows nothing."""
        remembered.forget_all()
        with _no_longer_than(LONGEST):
            result = CliRunner().invoke(main, list(arguments), prog_name="pricetrail")
        raised = result.exception
        return Ended(
            result.exit_code,
            result.stdout,
            result.stderr,
            None if isinstance(raised, SystemExit) else raised,
        )

    def look(self, *, proof: bool = True) -> Found:
        """What is there; nothing of it half, and all of it proven."""
        with self._database.read() as connection:
            states = sources.states(connection)
            for state in states:
                assert len(versions.snapshots(connection, state.id)) == state.head_version
                verdict = verify(connection, state) if proof else None
                assert verdict is None or verdict.ok, verdict
            return _found(connection, {state.name: state.head_version for state in states})

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _done(self, *arguments: str) -> None:
        ended = self.run(*arguments)
        assert ended.code == 0, ended

    def _renew(self) -> None:
        self._database.close()
        self.copies.renew()
        self.receiver.requests.clear()
        self.receiver.always = None
        self.receiver.scripts[:] = [status(500)] * self.work.refused

    def _pass_time(self, *, slots_too: bool = False) -> None:
        """Let leases run out, and what waits be due; of slots not the next ones."""
        past = self._database.now() - timedelta(minutes=5)
        waiting = t.delivery.c.state.in_((deliveries.LEASED, deliveries.PENDING))
        held = t.slot.c.token.is_not(None)
        with self._database.write() as connection:
            connection.execute(update(t.delivery).where(waiting).values(next_at=past))
            connection.execute(update(t.slot).where(held).values(due_at=past))
            if slots_too:
                connection.execute(update(t.slot).values(slot_at=past, due_at=past))
                planned = t.webhook.c.digest_at.is_not(None)
                connection.execute(update(t.webhook).where(planned).values(digest_at=past))

    def _require_told(self, ids: Sequence[str]) -> None:
        """Everything came, in order, and what came twice is the same message."""
        bodies: dict[str, bytes] = {}
        for request in self.receiver.requests:
            name = request.headers["webhook-id"]
            assert bodies.setdefault(name, request.body) == request.body
        assert list(bodies) == ids


def _found(connection: Transaction, heads: dict[str, int]) -> Found:
    polled = select(t.source.c.name, func.count().label("number")).join_from(t.source, t.poll)
    polled = polled.where(t.poll.c.slot.is_not(None)).group_by(t.source.c.name)
    happened = [event for _, event in events.read(connection, EventFilter())]
    return Found(
        heads,
        [(event.type, event.model) for event in happened],
        [one.state for one in deliveries.deliveries(connection)],
        list(connection.execute(text("SELECT state FROM quarantine")).scalars()),
        {row.name: row.number for row in connection.execute(polled)},
        [event.id for event in happened],
        connection.execute(select(func.count()).select_from(t.poll)).scalar_one(),
    )


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    def hung(*_: Any) -> NoReturn:
        raise HungError(f"it was not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def trial(work: Work, copies: Copies) -> Iterator[Trial]:
    """A work that is prepared in the current folder, to be tried."""
    with ExitStack() as stack:
        moving, still = (stack.enter_context(Gateway(KNOWN, key=KEY)) for _ in range(2))
        found = Trial(work, copies, stack.enter_context(receiving()), moving)
        stack.callback(found.close)
        found.prepare(still)
        yield found
