"""Microsoft Teams: an adaptive card to a "When a Teams webhook request is received" workflow.

Teams refuses messages of about 28 KB; the card is kept below 20,000 bytes. Text stands in
rich text blocks, whose runs read no markdown and no HTML: a name is inert as it is.
"""

from collections.abc import Sequence
from datetime import datetime

from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import RETRY, Reading, at_fault
from pricetrail.alerts.outcomes import read as read_status
from pricetrail.alerts.report import NOTHING, Context, Report, Section, report
from pricetrail.alerts.truncation import Packed, fitted, pack
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps
from pricetrail.net.answer import Answer
from pricetrail.text.lines import Line, Span

# Less than the cap of 20,000 bytes by what the frame, the title, the footer and the last count
# take.
BUDGET, MAX_LINE = 16_000, 4_000
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def render(events: Sequence[Event], context: Context = NOTHING) -> Message:
    """One adaptive card in the envelope that a workflow expects."""
    content = report(events, context)
    packed = pack(content.sections, _size, budget=BUDGET, heading=300)
    card = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": "".join(span.text for span in content.title.spans),
        "body": _body(content, packed),
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    body = {"type": "message", "attachments": [attachment]}
    return Message(joint_id(events, context.blip_ids), dumps(body).encode())


def _body(content: Report, packed: Packed) -> list[dict[str, object]]:
    body = [_block(content.title, size="Medium", weight="Bolder")]
    if content.intro:
        body.append(_block(Line("intro", (Span(content.intro),)), isSubtle=True))
    for section in packed.sections:
        body += _section(section)
    if packed.rest:
        body.append({**_block(Line("rest", (Span(packed.rest),)), italic=True), "separator": True})
    for index, line in enumerate(content.footer):
        block = _block(line, size="Small", isSubtle=True)
        body.append({**block, "separator": True} if index == 0 else block)
    return body


def _section(section: Section) -> list[dict[str, object]]:
    heading = _block(Line("heading", (Span(section.title),)), weight="Bolder")
    lines = [_fitted(line) for line in section.lines]
    if section.flow:
        spans = [span for line in lines for span in (Span(", "), *line.spans)]
        lines = [Line("names", tuple(spans[1:]))]
    blocks = [{**_block(line), "spacing": "Small"} for line in lines]
    return [{**heading, "separator": True}, *blocks]


def _block(line: Line, **style: object) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [_run(span, style) for span in line.marked]}


def _run(span: Span, style: dict[str, object]) -> dict[str, object]:
    own = {"text": {}, "strong": {"weight": "Bolder"}, "name": {"fontType": "Monospace"}}[span.kind]
    return {"type": "TextRun", "text": span.text, **own, **style}


def _fitted(line: Line) -> Line:
    return fitted(line, MAX_LINE, _bytes)


def _size(line: Line) -> int:
    return _bytes(_fitted(line))


def _bytes(line: Line) -> int:
    # The comma of a flow is a run of its own, the block's spacing a key.
    return len(dumps(_block(line)).encode()) + 60


def read(answer: Answer, now: datetime) -> Reading:
    """A workflow answers 202; a retired one 404, one with a wrong signature 401 or 403.

    The older connectors answered 200 and put the failure into the text.
    """
    if answer.status in {401, 403, 404, 410}:
        return at_fault(answer)
    if answer.status == 200 and b"delivery failed" in answer.body:
        return Reading(RETRY, "HTTP 200, but Teams says that the delivery failed")
    return read_status(answer, now)
