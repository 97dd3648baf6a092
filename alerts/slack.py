"""Slack: an incoming webhook, Block Kit sections of mrkdwn.

Limits (Slack's Block Kit reference): 50 blocks, a header of 150 characters, a section's text of
3,000, counted after `&`, `<` and `>` are escaped, which are the only three to escape.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import DELIVERED, RETRY, Reading, at_fault, status_text
from pricetrail.alerts.outcomes import read as read_status
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import NOTHING, Context, Report, Section, report
from pricetrail.alerts.truncation import fitted, pack
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps
from pricetrail.net.answer import Answer
from pricetrail.text.lines import Line, Span, flat
from pricetrail.text.sanitize import length

MAX_BLOCKS, MAX_HEADER, MAX_SECTION = 50, 150, 3000
# Slack counts the text of all blocks together, too (`msg_blocks_too_long`, near 13,000).
BUDGET = 11_000
MAX_PLAIN = 3500

_HOOK_AT_FAULT = {
    "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_token",
    "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled", "token_revoked",
}  # fmt: skip  # a line each would fill a page


def escape(text: str) -> str:
    """Exactly the three characters that Slack's markup reads."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markup(line: Line) -> str:
    """One line of mrkdwn. Names are code: `*x*`, `:x:` and bare links are inert there."""
    return "".join(map(_span, line.marked))


def _span(span: Span) -> str:
    if span.kind == "name":
        return f"`{escape(span.text.replace('`', 'ʼ'))}`"
    return f"*{escape(span.text.strip())}*" if span.kind == "strong" else escape(span.text)


def render(events: Sequence[Event], context: Context = NOTHING) -> Message:
    """One calm message; `text` is what notifications and screen readers use."""
    content = report(events, context)
    title = escape(flat(content.title))
    body = {
        "text": f"{title}. {escape(content.intro)}".strip(),
        "blocks": _blocks(content),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    plain = {"text": text_of(content, MAX_PLAIN, lambda line: escape(flat(line))), "mrkdwn": False}
    return Message(
        joint_id(events, context.blip_ids), dumps(body).encode(), plain_body=dumps(plain).encode()
    )


def _blocks(content: Report) -> list[dict[str, object]]:
    packed = pack(content.sections, _size, budget=BUDGET, heading=60)
    blocks = [_header(content.title)]
    if content.intro:
        blocks.append(_context(escape(content.intro)))
    for section in packed.sections:
        blocks += [_mrkdwn(text) for text in _texts(section)]
    if packed.rest:
        blocks.append(_mrkdwn(f"_{escape(packed.rest)}_"))
    footer = [markup(line) for line in content.footer]
    return [*blocks, _context("\n".join(footer))] if footer else blocks


def _texts(section: Section) -> list[str]:
    """The section's lines in pieces of at most 3,000 characters, the title before the first."""
    separator = ", " if section.flow else "\n"
    pieces, current = [], f"*{escape(section.title)}*\n"
    for index, line in enumerate(section.lines):
        words = markup(_fitted(line))
        if length(current) + len(separator) + length(words) > MAX_SECTION:
            pieces.append(current)
            current = words
        else:
            current += (separator if index else "") + words
    return [*pieces, current]


def _size(line: Line) -> int:
    return length(markup(_fitted(line))) + 2


def _fitted(line: Line) -> Line:
    return fitted(line, MAX_SECTION - 100, lambda cut: length(markup(cut)))


def _header(title: Line) -> dict[str, object]:
    words = flat(title)
    text = escape(words)
    while length(text) > MAX_HEADER:
        # Cut before escaping, so that no entity is cut in two.
        words = words[:-2]
        text = escape(words) + "…"
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _context(text: str) -> dict[str, object]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _mrkdwn(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def read(answer: Answer, now: datetime) -> Reading:
    """Slack says `ok`, or one word on what is wrong (fault 31).

    A 200 whose body was cut off counts: sending again would show the message twice.
    """
    word = answer.body.decode("utf-8", "replace").strip()
    if word in _HOOK_AT_FAULT or answer.status in {403, 404, 410}:
        return at_fault(answer, word)
    if answer.status == 200:
        if word == "ok" or (answer.cut and not word):
            return Reading(DELIVERED)
        return Reading(RETRY, status_text(answer, word) + ": Slack did not say ok")
    if answer.status == 400 and re.fullmatch(r"invalid_[a-z_]+|no_text|msg_[a-z_]*too_long", word):
        return Reading(RETRY, status_text(answer, word) + ": refused as malformed", plain=True)
    return read_status(answer, now)
