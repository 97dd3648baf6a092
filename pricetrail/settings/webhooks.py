"""`[webhooks.NAME]`: what a webhook says, held to what a webhook may be."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pricetrail.alerts import checks
from pricetrail.alerts.addresses import formats_of
from pricetrail.alerts.webhooks import FORMATS, JSON, Webhook, WebhookError, check_settings
from pricetrail.jobs.schedule import Schedule, ScheduleError
from pricetrail.settings import values
from pricetrail.settings.keys import WEBHOOK
from pricetrail.settings.problems import Problem
from pricetrail.settings.values import Values
from pricetrail.settings.where import Where


def webhook_of(
    where: Where, written: Mapping[str, Any], environ: Mapping[str, str], *, secrets: bool
) -> tuple[Webhook, list[Problem]]:
    """A webhook, and all that is wrong with it, which is in its `faults`, too.

    One with faults takes no message, but is owed them: by those of its filters that can be read,
    for a message too many is better than a rise that nobody hears of.

    Args:
        secrets: whether the address and the secrets are needed.
    """
    found = values.read(where, WEBHOOK, written, environ, secrets=secrets)
    _check_address(found)
    webhook = _checked(found)
    if webhook.digest is not None:
        try:
            Schedule.parse(webhook.digest, webhook.timezone)
        except ScheduleError as error:
            found.note("digest", str(error))
            webhook = replace(webhook, digest=None)
    return replace(webhook, faults=tuple(map(str, found.problems))), found.problems


def _check_address(found: Values) -> None:
    """Where the address says what it takes, the format has to be said, and to be that."""
    url = found.sound.get("url", "")
    formats = formats_of(url)
    given = found.sound.get("format")
    if not formats or given in formats or "format" in found.bad:
        return
    missing = "format" not in found.written
    what = "is missing, and this address" if missing else "is another than this address takes: it"
    found.note("format", f'{what} is one for {formats[0]}: write format = "{formats[0]}"')
    found.sound["format"] = formats[0]


def _checked(found: Values) -> Webhook:
    """The webhook of what is sound, once all that cannot be used was noted and left out."""
    while True:
        webhook = Webhook(**({"url": ""} | found.sound | {"name": found.where.name}))
        try:
            checks.check_format(webhook.format)
            check_settings(webhook)
            # Which address is right depends on the format.
            if "url" in found.sound and "format" not in found.bad:
                checks.check(webhook)
        except WebhookError as error:
            _note(found, error)
        else:
            return webhook


def _note(found: Values, error: WebhookError) -> None:
    found.note(error.key, str(error).removeprefix(f"{error.key}: "))
    if error.key == "format":
        given = str(found.resolved.get("format"))
        # As it was meant, as far as that can be told: it decides how events become messages.
        near = get_close_matches(given, FORMATS, n=1)
        found.sound["format"] = near[0] if near else JSON
