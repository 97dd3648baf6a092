"""A database with rows in every table, odd values among them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from pricetrail.alerts.webhooks import Webhook
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.jobs.stage import Stage, many, staged
from tests.support.histories import catalog, model, tokens

HOOK = Webhook(name="main", url="http://127.0.0.1:9/", ordering="strict")
_LATE = datetime(9999, 12, 30, 23, 59, 59, 999_000, tzinfo=UTC)
_EARLY = datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
# What a database might fold, trim, escape or take for an end.
ODD = "é́ 日本 😀 'q' \"d\" \\N \\x00 %s :x $1 \r\n\t \x01 \x7f\u2028 "

# A body that has it is long enough to be stored once for both sources.
_LONG = "".join(f"{7**n:x}" for n in range(50))


def full(database: Database) -> None:
    """Sources with a life behind them, messages that wait, and the rest made up."""
    with staged(database.url, webhooks={"main": HOOK}) as stage:
        _live(stage)
    with database.write() as connection:
        for table, rows in _MADE_UP.items():
            connection.execute(insert(t.metadata.tables[table]), rows)
        connection.execute(update(t.held).values(blip=True))


def _live(stage: Stage) -> None:
    """Changes, a failure, one set aside, one that is held, one that was undone."""
    for name in ("één", "two"):
        for prompt in ("0.000003", "1e-40", "0.10", "100000000000000000000", "free", "0"):
            odd = model("日/é \\", tokens(prompt, "0.1"))
            ending = model("b", sunset_at="9999-12-31", note=_LONG)
            stage.poll(catalog(odd, ending, model(f"m{prompt}")), name=name)
    stage.poll(many(3, prompts={1: "0.5"}), name="two", hold=timedelta(days=1))
    stage.poll(many(3, prompts={1: "0.7"}), name="two", hold=timedelta(days=1))
    stage.poll(catalog(), name="two")
    stage.poll(b"no catalog", name="two")
    stage.poll(b"no catalog either", name="without a version")
    theirs = {"data": [{"id": "a", "pricing": {"prompt": "0.1"}, "architecture": {"é": [ODD]}}]}
    for keep in ((), ("/architecture",)):
        stage.poll(theirs, name="of a dialect", dialect="openrouter", keep=keep)


_MADE_UP: dict[str, list[dict[str, Any]]] = {
    "usage": [
        {"model": name, "day": "2024-02-29", "path": "/p", "quantity": Decimal(quantity)}
        for name, quantity in (("a", "0"), (ODD, "1e-9"), ("A", "123456789012345678901234567890.5"))
    ],
    "usage_file": [
        {"hash": bytes(range(32)), "name": ODD, "rows": 2**31 - 1, "imported_at": _LATE}
    ],
    "slot": [
        {"source_id": 1, "slot_at": _LATE, "due_at": _LATE, "set_at": _EARLY, "paused": True},
        {
            "source_id": 2,
            "slot_at": _EARLY,
            "due_at": _LATE,
            "set_at": _EARLY,
            "paused": False,
            "owner": ODD,
            "token": "t",
        },
    ],
    "verification": [{"source_id": 1, "at": _EARLY, "snapshots": 0, "version": 1}],
    "silence": [
        {"id": number, "glob": glob, "until": _LATE, "reason": "", "created_at": _EARLY}
        for number, glob in ((1, ODD), (2**40, "gpt-*"))
    ],
    "removed_source": [
        {
            "id": 4,
            "name": ODD,
            "chain_name": "",
            "head_version": 0,
            "head_hash": bytes(32),
            "last_event": 1,
            "removed_at": _LATE,
        }
    ],
    "attempt": [{"delivery_id": 1, "at": _EARLY, "status": None, "error": ODD}],
    "webhook": [{"name": "other", "why": ODD, "delivered": 2**60, "disabled_at": _LATE}],
}
