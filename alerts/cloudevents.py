"""CloudEvents 1.0 in structured JSON: the data of the `json` format in an envelope that many read.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
A batch (section 4 there) is an array, in which what happens to a source is an array of one.
"""

import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from pricetrail.alerts.messages import Message, by_occasion, joint_id
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.catalog.times import rfc3339
from pricetrail.text.sanitize import REPLACEMENT

ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def messages(
    webhook: Webhook, events: Sequence[Event], _context: Context = NOTHING
) -> list[Message]:
    """One message an event; with `batch`, one for all that a snapshot changed."""
    if not webhook.batch:
        return [Message(event.id, _body(envelope(event)), ONE) for event in events]
    return [
        Message(
            some[0].id if len(some) == 1 and not some[0].of_snapshot else joint_id(some),
            _body([envelope(event) for event in some]),
            BATCH,
        )
        for some in by_occasion(events)
    ]


def envelope(event: Event) -> dict[str, object]:
    """An event as a CloudEvent; `subject` is its model, and not there where it is about none."""
    subject = {"subject": _allowed(event.model)} if event.model else {}
    return {
        "specversion": "1.0",
        "id": event.id,
        # A path, relative to wherever the receiver knows pricetrail to be.
        "source": f"/pricetrail/{quote(event.source, safe='')}",
        "type": event.type,
        **subject,
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "data": event.payload(),
    }


def _allowed(text: str) -> str:
    """The text without what no attribute may hold: controls, surrogates, noncharacters."""
    return "".join(REPLACEMENT if _is_forbidden(character) else character for character in text)


def _is_forbidden(character: str) -> bool:
    code = ord(character)
    nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return nothing or unicodedata.category(character) in ("Cc", "Cs")


def _body(document: object) -> bytes:
    return printable(dumps(document)).encode()
