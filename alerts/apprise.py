"""Everything else: any URL of the Apprise library, an optional extra (`pricetrail[apprise]`).

Apprise opens its own connections. A host that is named in the URL is looked up and vetted
before each message, but unlike in `net.dialling` it is not the address that is then dialled.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import BREATHER, DELIVERED, DISABLE, RETRY, Outcome
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import NOTHING, Context, report
from pricetrail.alerts.webhooks import Webhook, WebhookError
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.net.resolver import resolve
from pricetrail.net.ssrf import GuardError, vet
from pricetrail.text.lines import Line, flat
from pricetrail.text.sanitize import sanitize

MAX_TITLE, MAX_BODY = 120, 3000
_MISSING = (
    'format = "apprise" needs pricetrail[apprise]: '
    "pip install '.[apprise]' in pricetrail's folder"
)
# Apprise hands text to services with markups and mentions of their own.
_LOOK_ALIKES = str.maketrans({"@": "＠", "<": "‹", ">": "›", "*": "∗", "`": "ʼ", "[": "［"})


def render(events: Sequence[Event], context: Context = NOTHING) -> Message:
    """Plain text that every service can show."""
    content = report(events, context)
    body = {
        "title": sanitize(_inert(content.title), MAX_TITLE),
        "body": text_of(content, MAX_BODY, _inert, titled=False),
    }
    return Message(joint_id(events, context.blip_ids), dumps(body).encode())


def _inert(line: Line) -> str:
    return flat(line).translate(_LOOK_ALIKES)


def check(webhook: Webhook) -> None:
    """Refuse what Apprise cannot read. Raises `WebhookError`, without the URL."""
    _service(_library(), webhook.url)


def _library() -> Any:
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError:
        raise WebhookError("format", _MISSING) from None
    # Its log holds URLs and payloads, and so does that of what it posts with.
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return apprise


def _service(library: Any, url: str) -> Any:
    service = library.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        raise WebhookError("url", "Apprise cannot read it: see its list of services for the form")
    return service


def deliver(webhook: Webhook, message: Message, now: datetime, timeout: float) -> Outcome:
    """Hand the message to Apprise, which says no more than whether it went."""
    try:
        library = _library()
        service = _service(library, webhook.url)
        if not webhook.allow_private:
            _vet_host(service)
    except (WebhookError, GuardError) as error:
        return Outcome(DISABLE if isinstance(error, WebhookError) else RETRY, error=str(error))
    except OSError:
        return Outcome(RETRY, error="the host name does not resolve")
    content = loads(message.body)
    sender = library.Apprise()
    sender.add(service)
    result = sender.notify(
        body=content["body"],
        title=content["title"],
        body_format=library.NotifyFormat.TEXT,
        interpret_escapes=False,
        timeout=timeout,
    )
    if result:
        return Outcome(DELIVERED)
    return Outcome(RETRY, error="Apprise could not deliver it", not_before=now + BREATHER)


def _vet_host(service: Any) -> None:
    """Where the URL's form has a host at all; elsewhere `host` holds a token, no name."""
    if not any("{host}" in str(form) for form in service.templates):
        return
    host = getattr(service, "smtp_host", None) or service.host
    for address in resolve(str(host), int(service.port or 0)):
        vet(address)
