"""Every command that reads, with and without --json, and all that it says and writes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pricetrail.commands.registry import REGISTRY
from pricetrail.queries.price_files import FORMATS
from tests.pricetrail.commands.running import run

USAGE = Path("usage.jsonl")
MAP = "map.json"
# They go out, take in, write files, wait for a client or are about the configuration; other tests
# read what they say.
_GOING_OUT = {"deliver", "demo", "poll", "run", "web"}
NO_QUESTIONS = {*_GOING_OUT, "completion", "config", "import", "init", "mcp"}


def said_by_all(model: str, source: str | None = None) -> Iterator[tuple[list[str], str]]:
    """Each reading command about a model, and all that it prints; `source` where there are more."""
    named = ["--source", source] if source is not None else []
    document = {"time": "2026-03-01T11:00:00Z", "model": model, "prompt_tokens": 1000}
    USAGE.write_text(json.dumps(document) + "\n", encoding="utf-8")
    listed = {"object": "list", "data": [{"id": model, "pricing": {model: model}}], "total": 1}
    Path("list.json").write_text(json.dumps(listed), encoding="utf-8")
    costs = {model: {"input_cost_per_token": 1, "output_cost_per_token": 2}}
    Path(MAP).write_text(json.dumps(costs), encoding="utf-8")
    commands = _commands(model, named)
    asked = {arguments[0] for arguments in commands} | {"export"}
    assert asked >= {entry.name for entry in REGISTRY} - NO_QUESTIONS
    for arguments in commands:
        for more in ([], ["--json"]):
            _, out, err = run(*arguments, *more)
            yield [*arguments, *more], out + err
    for form in ("csv", "jsonl"):
        for what in ("prices", "events", "snapshots"):
            _, out, err = run("export", what, "--format", form, *named)
            # A line end within quotes is CSV's own matter.
            yield ["export", what, form], re.sub(r"[\r\t]", "", out) + err
    for form in FORMATS:
        _, out, err = run("export", "--as", form, *named)
        yield ["export", "--as", form], out + err


def _commands(model: str, named: list[str]) -> list[list[str]]:
    events = json.loads(run("events", "--json", *named)[1])["events"]
    deliveries = json.loads(run("deliveries", "list", "--json")[1])["deliveries"]
    aside = json.loads(run("quarantine", "list", "--json")[1])["quarantine"]
    asked = [
        ["models"],
        *(["price", name] for name in (model, model[:-1])),
        ["price", model, "--field", "text.prompt"],
        *(["history", model, *field] for field in ([], ["--field", "text.x"])),
        *(["compare", *which] for which in ([], [model], [model, "--field", "text.prompt"])),
        *(["diff", "baseline", version] for version in ("latest", "latest~1", model)),
        *(["events", *filters] for filters in ([], ["--model", model], ["--type", "source.*"])),
        ["snapshots"],
        ["snapshots", "show", "latest"],
        *(["coverage", *month] for month in ([], ["--month", "2026-03"])),
        *(["audit", str(USAGE), *style] for style in ([], ["--style", "openai"])),
        ["whatif", str(USAGE), "--swap", f"{model}={model}x"],
        ["check-map", MAP, "--as", "litellm"],
        ["verify"],
        ["head"],
        ["evidence", model, "-o", "bundle.json"],
    ]
    return [
        *([*arguments, *named] for arguments in asked),
        *(["usage", part] for part in ("show", f"import {USAGE}")),
        ["usage", "import", str(USAGE)],
        ["evidence", "check", "bundle.json"],
        *(["convert", "--dialect", name, "list.json"] for name in ("pipellm", "openrouter")),
        ["sources", "list"],
        ["silence", "add", model, "--for", "1h", "--reason", model],
        ["silence", "list"],
        ["webhooks", "list"],
        ["webhooks", "add", model, "--url", "env:NOT_SET"],
        ["webhooks", "remove", model],
        ["deliveries", "list"],
        *(["deliveries", "show", one["id"]] for one in deliveries[:3]),
        *(["explain", event["data"]["id"]] for event in events[:5]),
        ["quarantine", "list"],
        *(["quarantine", "show", str(one["id"])] for one in aside),
        ["doctor"],
        ["db", "current"],
        # And what none of them knows.
        [model],
        ["models", f"--{model}"],
        ["models", "--source", model],
        ["models", model],
        ["audit", model],
        ["import", model],
        ["--config", model, "models"],
        ["--log-level", model, "models"],
    ]
