"""Discord: a channel webhook with embeds.

Limits (Discord's reference): content 2,000, 10 embeds, a description of 4,096, and 6,000
characters in all embeds together. `wait=true` makes Discord answer for the message itself.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import BREATHER, MAX_WAIT, RETRY, Reading, at_fault, status_text
from pricetrail.alerts.outcomes import read as read_status
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import NOTHING, Context, Report, Section, report
from pricetrail.alerts.truncation import fitted, pack
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.net.answer import Answer
from pricetrail.text.lines import Line, Span, flat
from pricetrail.text.sanitize import length

MAX_CONTENT, MAX_EMBEDS, MAX_DESCRIPTION, MAX_SUM = 2000, 10, 4096, 6000
# Less than the sum by what titles, the last count and the footer take.
BUDGET, MAX_LINE = 4900, 1500
_COLOURS = {"increase": 0xD9822B, "decrease": 0x2E9E6B, "none": 0x5B7083}
# No ping, whatever a model is called.
_SILENT: dict[str, object] = {"allowed_mentions": {"parse": []}}
_MARKUP = re.compile(r"([\\*_~`|>#\[\]()<@:-])")


def address(url: str) -> str:
    """The webhook's URL with `wait=true` merged into its query."""
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "wait"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("wait", "true")])))


def markup(line: Line) -> str:
    """One line of Discord's markdown; names are code, where nothing else is read."""
    return "".join(map(_span, line.marked))


def _span(span: Span) -> str:
    if span.kind == "name":
        return f"`{span.text.replace('`', 'ʼ')}`"
    return f"**{span.text.strip()}**" if span.kind == "strong" else span.text


def render(events: Sequence[Event], context: Context = NOTHING) -> Message:
    """One message: the title as its content, an embed for each section."""
    content = report(events, context)
    body = {
        "content": f"**{_title(content)}**\n{content.intro}".strip(),
        "embeds": _embeds(content),
    }
    plain = {"content": text_of(content, MAX_CONTENT, _escaped)}
    return Message(
        joint_id(events, context.blip_ids),
        dumps(body | _SILENT).encode(),
        plain_body=dumps(plain | _SILENT).encode(),
    )


def _title(content: Report) -> str:
    return markup(fitted(content.title, MAX_CONTENT // 2, lambda line: length(markup(line))))


def _escaped(line: Line) -> str:
    return _MARKUP.sub(r"\\\1", flat(line))


def _embeds(content: Report) -> list[dict[str, object]]:
    packed = pack(content.sections, _size, budget=BUDGET, heading=40, most=MAX_DESCRIPTION - 50)
    embeds = [_embed(section) for section in packed.sections]
    closing: dict[str, object] = {"description": packed.rest, "color": _COLOURS["none"]}
    embeds += [closing] if packed.rest or (content.footer and not embeds) else []
    if content.footer:
        embeds[-1]["footer"] = {"text": "\n".join(flat(line) for line in content.footer)}
    return embeds


def _embed(section: Section) -> dict[str, object]:
    separator = ", " if section.flow else "\n"
    return {
        "title": section.title,
        "description": separator.join(markup(_fitted(line)) for line in section.lines),
        "color": _COLOURS.get(section.tone, _COLOURS["none"]),
    }


def _size(line: Line) -> int:
    return length(markup(_fitted(line))) + 2


def _fitted(line: Line) -> Line:
    return fitted(line, MAX_LINE, lambda cut: length(markup(cut)))


def read(answer: Answer, now: datetime) -> Reading:
    """Discord's own answers: `retry_after` in JSON, 401/403/404 for a webhook that is gone."""
    if answer.status in {401, 403, 404, 410}:
        return at_fault(answer, _field(answer, "code"))
    if answer.status == 400:
        word = status_text(answer, _field(answer, "code"))
        return Reading(RETRY, f"{word}: refused as malformed", plain=True)
    plain = read_status(answer, now)
    if answer.status != 429:
        return plain
    return Reading(RETRY, plain.error, max(plain.wait or BREATHER, _retry_after(answer)))


def _retry_after(answer: Answer) -> timedelta:
    """Seconds with decimals (`64.57`); nothing for rubbish."""
    try:
        seconds = Decimal(_field(answer, "retry_after") or "0")
    except InvalidOperation:
        return timedelta(0)
    if not seconds.is_finite() or seconds <= 0:
        return timedelta(0)
    return min(timedelta(milliseconds=int(min(seconds, Decimal(10**6)) * 1000) + 1), MAX_WAIT)


def _field(answer: Answer, key: str) -> str | None:
    try:
        document = loads(answer.body)
    except CatalogError:
        return None
    value = document.get(key) if isinstance(document, dict) else None
    return str(value) if isinstance(value, str | int | Decimal) else None
