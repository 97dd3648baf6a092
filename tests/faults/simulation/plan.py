"""What a world is made of: sources, webhooks and how many processes, each chosen by the seed."""

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.source import Source
from tests.faults.simulation.receiver import SECRET

_SCHEDULES = ["*/15 * * * *", "every 15m", "@hourly", "7,37 * * * *"]
_MINUTES = {"*/15 * * * *": 15, "every 15m": 15, "@hourly": 60, "7,37 * * * *": 30}
_FEW = ("model.repriced", "source.*")


@dataclass(frozen=True)
class Plan:
    """One world.

    `jumps`: the machine's clock is set now and then. `steps`: so many rounds are lived through.
    """

    sources: dict[str, Source]
    webhooks: dict[str, Webhook]
    processes: int
    rounds: int
    jumps: bool
    dates: bool
    spread: bool

    @classmethod
    def of(cls, chance: random.Random) -> "Plan":
        """Choose one."""
        jumps = chance.random() < 0.15
        dates = jumps or chance.random() < 0.2
        names = ["alpha", "beta"][: chance.choice([1, 1, 2])]
        return cls(
            {name: _source(name, chance, holds=not jumps) for name in names},
            _webhooks(chance),
            processes=chance.choice([1, 2, 2, 3]),
            rounds=chance.choice([2, 3, 4, 7]),
            jumps=jumps,
            dates=dates,
            spread=chance.random() < 0.7,
        )

    @property
    def period(self) -> int:
        """The shortest period of a schedule, in seconds."""
        return 60 * min(_MINUTES[source.schedule] for source in self.sources.values())


def _source(name: str, chance: random.Random, *, holds: bool) -> Source:
    waits = holds and chance.random() < 0.5
    return Source(
        name=name,
        url=f"http://localhost/{name}/models",
        api_key="sk-made-up",
        schedule=chance.choice(_SCHEDULES),
        failing_after=chance.choice([1, 2, 3]),
        remind_every=timedelta(0),
        hold=timedelta(minutes=chance.choice([0, 20, 60, 120])) if waits else timedelta(0),
        hold_rises=chance.random() < 0.5,
        confirm_removals=chance.choice([1, 2, 3]) if waits else 1,
        max_price_ratio=Decimal(100),
    )


def _webhooks(chance: random.Random) -> dict[str, Webhook]:
    own: list[dict[str, object]] = [
        {"name": "all"},
        {"name": "batch", "batch": True},
        {"name": "few", "events": ("model.repriced", "source.failing"), "models": ("m-*",)},
        {"name": "loose", "ordering": "none"},
    ]
    chosen = [own[0], *chance.sample(own[1:], chance.choice([0, 1, 1]))]
    return {
        str(one["name"]): Webhook(
            url=f"http://localhost/{one['name']}",
            secrets=(SECRET,),
            allow_private=True,
            **one,  # type: ignore[arg-type]  # a few of its settings
        )
        for one in chosen
    }
