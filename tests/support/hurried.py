"""`pricetrail` as it is, with short schedules and leases: whoever waits for one waits seconds.

And some of the guards that replicas rest on, taken away one at a time: a test that does not notice
is no test.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select

from pricetrail.jobs import schedule, service, slots
from pricetrail.jobs.deliveries import sending
from pricetrail.storage import slots as stored_slots
from pricetrail.storage.polls import poll_rows, polls
from tests.support.forks import COMMAND_LINE

TICK = 0.4
SLOT_LEASE = timedelta(seconds=4)
MESSAGE_LEASE = timedelta(seconds=4)
# Below it, another POST may begin.
_USED = 2.5


def program(without: str = "", *, short_leases: bool = True) -> str:
    """The command line, for `Forked`; see `begin`."""
    options = f"{without!r}, short_leases={short_leases}"
    return f"from tests.support import hurried\nhurried.begin({options})\n{COMMAND_LINE}"


def begin(without: str, *, short_leases: bool) -> None:
    """Be in a hurry; `without`: `skip locked` or `slot tokens`."""
    schedule.MIN_PERIOD = timedelta(seconds=1)
    service.Service.__init__.__kwdefaults__["tick"] = TICK  # type: ignore[index]  # it has some
    if short_leases:
        slots.GRACE = timedelta(seconds=1)
        slots.LONGEST_LEASE = SLOT_LEASE - slots.GRACE
        sending.LEASE = MESSAGE_LEASE
        sending._LEASE_USED = _USED
    if without:
        _GUARDS[without]()


def _without_skip_locked() -> None:
    def unlocked(statement: Any, **_options: Any) -> Any:
        return statement

    hold: Callable[..., None] = stored_slots.hold

    def slowly(*arguments: Any) -> None:
        # Whoever looks meanwhile finds the same slots.
        time.sleep(3 * TICK)
        hold(*arguments)

    _replace(Select, with_for_update=unlocked)
    _replace(stored_slots, hold=slowly)


def _without_slot_tokens() -> None:
    def passed(*_: Any) -> None:
        """Whoever it is."""

    _replace(polls, _require=passed, _require_lease=passed)
    _replace(poll_rows, _write_rows=poll_rows._NEW_POLL.run)


def _replace(owner: Any, **others: Any) -> None:
    for name, other in others.items():
        setattr(owner, name, other)


_GUARDS = {
    "skip locked": _without_skip_locked,
    "slot tokens": _without_slot_tokens,
}
