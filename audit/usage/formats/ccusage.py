"""The JSON reports of ccusage: days, weeks, months, sessions or blocks, with the models of each."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import ELSE, Document, Format, columns, marks
from pricetrail.catalog import bills

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_TIMES = ("date", "day", "period", "startTime", "blockStart", "lastActivity")
_ENDS = ("actualEndTime", "endTime", "blockEnd")
_BY_NAME = ("models", "breakdown")


def _rows(entry: Document) -> Iterator[Document]:
    """A row for each model of an entry, with the entry's time."""
    projects = entry.get("projects")
    if isinstance(projects, dict):
        # So `--instances` has it: the entries of each project by its name.
        for name, entries in projects.items():
            for each in entries if isinstance(entries, list) else ():
                if isinstance(each, dict):
                    yield from _rows({"project": name} | each)
        return
    when = dict(_when(entry))
    project = {name: entry[name] for name in ("project", "projectPath") if entry.get(name)}
    models = list(_models(entry))
    for model in models:
        yield when | project | dict(model)
    if not models:
        yield _whole(entry) | project | when


def _models(entry: Document) -> Iterator[Document]:
    breakdowns = entry.get("modelBreakdowns")
    # So ccusage reports Codex, and `--breakdown` in some versions: the model's name is the key.
    by_name = next((entry[n] for n in _BY_NAME if isinstance(entry.get(n), dict)), {})
    if isinstance(breakdowns, list):
        yield from (one for one in breakdowns if isinstance(one, dict))
    elif isinstance(by_name, dict):
        for name, counts in by_name.items():
            if isinstance(counts, dict):
                yield {"modelName": name} | counts


def _whole(entry: Document) -> dict[str, object]:
    """An entry that does not tell its models apart; it is one model's where it used one alone."""
    used = entry.get("modelsUsed") or entry.get("models")
    names = [name for name in used if name] if isinstance(used, list) else []
    counts = dict(entry)
    tokens = counts.pop("tokenCounts", None)
    if isinstance(tokens, Mapping):
        counts |= tokens
    return counts | ({"modelName": names[0]} if len(names) == 1 else {})


def _when(entry: Document) -> Iterator[tuple[str, object]]:
    first, last = entry.get("firstActivity"), entry.get("lastActivity")
    if first and last:
        yield from (("startTime", first), ("endTime", last))
        return
    month, week = entry.get("month"), entry.get("week")
    text = next((entry[name] for name in _TIMES if entry.get(name)), None)
    match = _MONTH.fullmatch(str(month or text or ""))
    if match is not None:
        year, number = int(match[1]), int(match[2])
        if 1 <= number <= 12:
            following = date(year + number // 12, number % 12 + 1, 1)
            yield from (("startTime", f"{month or text}-01"), ("endTime", _iso(following - _DAY)))
            return
    if week:
        yield from (("startTime", week), ("endTime", _end_of_week(week)))
        return
    yield "startTime", text
    ended = next((entry[name] for name in _ENDS if entry.get(name)), None)
    if ended is not None:
        yield "endTime", ended


def _end_of_week(week: object) -> object:
    try:
        return _iso(date.fromisoformat(str(week)) + _WEEK - _DAY)
    except ValueError:
        return None


def _iso(day: date) -> str:
    return day.isoformat()


FORMAT = Format(
    "ccusage",
    columns(
        {
            c.TIME: "startTime",
            c.END: "endTime",
            c.MODEL: "modelName",
            c.MODEL + ELSE: "model",
            c.PROJECT: "project projectPath",
            c.COST: "cost totalCost costUSD",
            c.TOTAL: "totalTokens",
            bills.PROMPT: "inputTokens",
            bills.COMPLETION: "outputTokens",
            bills.CACHE_WRITE: "cacheCreationTokens cacheCreationInputTokens",
            bills.CACHE_READ: "cacheReadTokens cacheReadInputTokens cachedInputTokens",
            c.IGNORED: "date day period month week lastActivity firstActivity actualEndTime "
            "sessionId session modelsUsed modelBreakdowns models isActive isGap entries burnRate "
            "projection usageLimitResetTime reasoningOutputTokens extraTotalTokens isFallback "
            "messageCount id agent metadata versions credits breakdown blockStart blockEnd "
            "timeRemaining projectedTotal projectedCost",
        }
    ),
    marks(
        "modelBreakdowns inputTokens",
        "modelsUsed inputTokens outputTokens",
        "models inputTokens outputTokens",
        "tokenCounts startTime",
        "inputTokens cacheCreationTokens cacheReadTokens totalCost",
        "projects totals",
    ),
    unfold=_rows,
    local=True,
    missing_model="it does not tell its models apart: run ccusage with --breakdown",
)
