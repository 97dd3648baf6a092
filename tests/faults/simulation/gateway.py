"""A made-up gateway: a list of models that changes, and every way of not serving it."""

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pricetrail.jobs.polls.gateway import Answer, GatewayError
from tests.support.certainty_model import DAY, HOUR, moment

Document = dict[str, Any]
Catalog = dict[str, Document]

_NAMES = [f"m-{number:02d}" for number in range(14)] + ["a/b", "é"]
# What may stand in the place of a price and is none.
_ODD = ["free", "-1", "1_000", ""]
_FACTORS = ["0.5", "0.9", "1.1", "2", "3"]
# How a gateway answers, and how often.
_MOODS = {"serves": 36, "503": 3, "429": 2, "slow": 2, "nonsense": 2, "empty": 4, "half": 7}
_BROKEN = [b"", b"[]", b"{", b'{"object":"list","data":[{}],"total":1}', b'{"object":"list"}']


@dataclass
class Served:
    """What one fetch came to: a catalog, or none; `date` is in seconds of the world."""

    catalog: Catalog | None
    answer: Answer | None = None
    error: GatewayError | None = None
    date: int | None = None


@dataclass
class Gateway:
    """One source's: `models` is the truth of now."""

    chance: random.Random
    models: Catalog = field(default_factory=dict)
    mood: str = "serves"
    etags: bool = False
    # Whether its lists are odd for long, and rarely change otherwise.
    odd: bool = False
    # How far its own clock is off, in seconds; None where it tells no time.
    off: int | None = None

    @classmethod
    def of(cls, chance: random.Random, *, dates: bool) -> "Gateway":
        """A gateway with some models; `dates`: it may tell the time, and wrongly."""
        odd = chance.random() < 0.2
        number = 14 if odd else chance.choice([1, 3, 11, 14])
        models = {name: _model(name, chance) for name in _NAMES[:number]}
        off = chance.choice([None, 0, 0, 3 * HOUR, -2 * DAY]) if dates else None
        return cls(chance, models, etags=chance.random() < 0.5, odd=odd, off=off)

    def live(self) -> str:
        """Let something change, or nothing; what it was."""
        if self.odd and self.mood == "half" and self.chance.random() < 0.85:
            # What lasts comes to be believed.
            return "still half"
        if self.odd and self.chance.random() < 0.5:
            self.mood = self.chance.choice(["serves", "half", "half", "empty"])
            return self.mood
        self.mood = self.chance.choices(list(_MOODS), list(_MOODS.values()))[0]
        changes = [self._edit() for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2, 3]))]
        return " ".join([self.mood, *changes])

    def heal(self) -> None:
        """Serve the list from now on."""
        self.mood = "serves"

    def serve(self, etag: str | None, now: int) -> Served:
        """Answer one request at a second of the world."""
        date = None if self.off is None else now + self.off
        when = None if date is None else moment(date)
        if self.mood in ("503", "429", "slow"):
            return Served(None, error=_error(self.mood))
        if self.mood == "nonsense":
            return Served(None, Answer(200, self.chance.choice(_BROKEN), None))
        models = self._listed()
        body = self._written(models)
        own = f'"{hashlib.sha256(body).hexdigest()[:12]}"' if self.etags else None
        if own is not None and own == etag:
            return Served(models, Answer(304, None, own, not_modified=True, date=when), date=date)
        return Served(models, Answer(200, body, own, date=when), date=date)

    def _listed(self) -> Catalog:
        if self.mood == "empty":
            return {}
        names = sorted(self.models)
        kept = names[: len(names) // 2] if self.mood == "half" else names
        return {name: json.loads(json.dumps(self.models[name])) for name in kept}

    def _written(self, models: Catalog) -> bytes:
        """The list as text, of which there are several that say the same."""
        data = list(models.values())
        if self.chance.random() < 0.2:
            self.chance.shuffle(data)
        text = json.dumps({"object": "list", "data": data, "total": len(data)})
        if self.chance.random() < 0.2:
            text = text.replace('"0.000003"', '"0.0000030"').replace('"0.00001"', '"1e-5"')
        return text.encode()

    def _edit(self) -> str:
        name, dice = self.chance.choice(_NAMES), self.chance.random()
        if name not in self.models:
            self.models[name] = _model(name, self.chance)
            return f"+{name}"
        pricing = self.models[name]["pricing"]
        if dice < 0.2 and len(self.models) > 1:
            del self.models[name]
            return f"-{name}"
        if dice < 0.65:
            _reprice(pricing["text"], self.chance)
            return f"${name}"
        if dice < 0.72:
            pricing["text"]["completion"] = self.chance.choice([*_ODD, "0.00001"])
            return f"?{name}"
        if dice < 0.8:
            pricing["kind"] = "image" if pricing["kind"] == "token" else "token"
            return f"kind {name}"
        if dice < 0.88:
            pricing.setdefault("cache", {"read": "0"})["read"] = self.chance.choice(["0", "0.1"])
            return f"cache {name}"
        if dice < 0.95:
            self.models[name]["display_name"] = f"Name {self.chance.randrange(3)}"
            return f"name {name}"
        pricing["text"]["prompt"] = "5000"
        return f"slip {name}"


def _error(mood: str) -> GatewayError:
    if mood == "429":
        return GatewayError("HTTP 429", status=429, retry_after=timedelta(seconds=90))
    return GatewayError("HTTP 503", status=503) if mood == "503" else GatewayError("no answer")


def _model(name: str, chance: random.Random) -> Document:
    prompt = chance.choice(["0.000003", "0.000001", "0"])
    return {
        "id": name,
        "display_name": name.title(),
        "type_target": "openai",
        "created_at": "2026-01-01T00:00:00Z",
        "pricing": {"kind": "token", "text": {"prompt": prompt, "completion": "0.00001"}},
    }


def _reprice(text: dict[str, Any], chance: random.Random) -> None:
    before = Decimal(text["prompt"])
    after = before * Decimal(chance.choice(_FACTORS)) if before else Decimal("0.000002")
    text["prompt"] = format(after.normalize(), "f")
