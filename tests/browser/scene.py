"""What the browser looks at: a real marketplace, a service with troubles, a crowd, nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.strict_json import loads
from pricetrail.demo import catalog as demo_catalog
from pricetrail.demo.gateway import Gateway
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.inputs import from_paths
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls import reviewing
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.storage import schema
from pricetrail.storage.database import Database, Transaction
from pricetrail.web import server
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.site import Site
from tests.support.histories import build, catalog, failed, model, tokens

# Soon after the last observation of the shared history.
NOW = datetime.fromisoformat("2026-08-22T21:20:00Z")
TOKEN = "t0ken-of-the-team"
MARKETPLACE = "history.db"
_CACHE = {"read": "0.0000003", "write": "0.00000375", "write_1h": "0.000006"}
_NOBODY = "http://127.0.0.1:9/hook"


def now() -> datetime:
    """The time of the sites that have the machine's clock."""
    return datetime.now(UTC)


def record_marketplace(folder: Path, data: Path) -> None:
    """Write two sources into `folder`: the shared history, and one that asks a bit less."""
    url = f"sqlite:///{folder / MARKETPLACE}"
    # The import has its own clock: what was observed lies in the past of this one.
    importing = Database(url)
    schema.ensure(importing)
    observations = [
        item
        for item in from_paths([data / "openrouter-2026.jsonl.xz"]).read(lambda _: None)
        if isinstance(item, Observation)
    ]
    run(importing, "openrouter", observations, every=timedelta(hours=1))
    importing.close()
    database = Database(url, clock=lambda: NOW)
    build(database, "together", _cheaper(observations[-40:]))
    failed(database, "together", NOW - timedelta(minutes=20))
    database.close()


@contextmanager
def marketplace(folder: Path) -> Iterator[str]:
    """The address of a site with the two sources that were recorded in `folder`."""
    database = Database(f"sqlite:///{folder / MARKETPLACE}", clock=lambda: NOW)
    with site(Site(database, Hosts("127.0.0.1"))) as address:
        yield address
    database.close()


def _cheaper(observations: list[Observation]) -> list[tuple[datetime, dict[str, Any]]]:
    return [(one.observed_at, _discounted(loads(one.body))) for one in observations]


def _discounted(payload: Any) -> dict[str, Any]:
    models = [_model(model) for model in payload["data"][::3]]
    return {"object": "list", "data": models, "total": len(models)}


def _model(model: dict[str, Any]) -> dict[str, Any]:
    pricing = dict(model["pricing"])
    text = dict(pricing.get("text", {}))
    for name, amount in text.items():
        text[name] = plain(Decimal(amount) * Decimal("0.9"))
    return {**model, "pricing": {**pricing, "text": text}}


@contextmanager
def troubled(folder: Path) -> Iterator[str]:
    """The address of a site on which a catalog is set aside and no webhook answers."""
    with ExitStack() as stack:
        gateway = stack.enter_context(Gateway(demo_catalog.models()))
        database = Database(f"sqlite:///{folder / 'troubled.db'}")
        stack.callback(database.close)
        schema.ensure(database)
        hooks = {
            "billing": Webhook(name="billing", url=_NOBODY, secrets=(), allow_private=True),
            "team": Webhook(name="team", url=_NOBODY, format="slack", allow_private=True),
        }
        source = Source(name="demo", url=gateway.url, api_key=gateway.key, schedule="every 1h")
        poller = Poller(database, hooks)
        models = gateway.catalog
        for some in (models, models[1:], models[: len(models) // 2]):
            gateway.catalog = some
            poller.poll(source)
        Deliverer(database, hooks, chat_pause=0.0).deliver_due()

        def review(transaction: Transaction, number: int) -> ReviewAnswer:
            return reviewing.preview(transaction, {"demo": source}, number, database.now())

        wired = Site(database, Hosts("127.0.0.1"), webhooks=tuple(hooks.values()), review=review)
        yield stack.enter_context(site(wired))


@contextmanager
def crowded(folder: Path) -> Iterator[str]:
    """The address of a site with many sources, long and hostile names, and prices of any size."""
    database = Database(f"sqlite:///{folder / 'crowded.db'}", clock=lambda: NOW)
    schema.ensure(database)
    start = NOW - timedelta(days=9)
    for name in ("main", *(f"a-rather-long-name-of-a-source-{n:02}-eu-west" for n in range(18))):
        days = [(start + timedelta(days=day), _awkward(day + len(name))) for day in range(3)]
        build(database, name, days)
    failed(database, "never-read", NOW - timedelta(minutes=20), "refused: " + "x" * 200)
    with site(Site(database, Hosts("127.0.0.1"))) as address:
        yield address
    database.close()


def _awkward(day: int) -> dict[str, Any]:
    dear = tokens(f"0.00000{day % 5 + 1}", "0.0000225")
    return catalog(
        model("<script>alert(1)</script> **bold** \u202etxt.exe"),
        model("accounts/a-long-name-of-a-team/models/" + "a-long-name-of-a-model-" * 4),
        model("free", tokens("0", "0")),
        model("huge", tokens("1234.5678", "99999999")),
        model("tiny", tokens("0.0000012345678901234567", f"0.0000{day % 5 + 1}")),
        model("router", tokens("-1", "-1")),
        model("rich", dear | {"cache": _CACHE, "tiers": {"over_200k": dear, "over_128k": dear}}),
        *([model("comes-and-goes")] if day % 2 else []),
    )


@contextmanager
def empty(folder: Path) -> Iterator[str]:
    """The address of a site on which nothing was recorded yet."""
    database = Database(f"sqlite:///{folder / 'empty.db'}")
    schema.ensure(database)
    with site(Site(database, Hosts("127.0.0.1"))) as address:
        yield address
    database.close()


@contextmanager
def closed(folder: Path) -> Iterator[str]:
    """The same, where one has to log in."""
    database = Database(f"sqlite:///{folder / 'closed.db'}")
    schema.ensure(database)
    with site(Site(database, Hosts("127.0.0.1"), Tokens({"team": TOKEN}))) as address:
        yield address
    database.close()


@contextmanager
def site(wired: Site) -> Iterator[str]:
    """A real server on a free port; its address without the slash at the end."""
    listening = server.listen("127.0.0.1", 0)
    with server.serving(wired, listening):
        yield server.address(listening).rstrip("/")
