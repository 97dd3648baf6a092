"""Whether a webhook could work at all: looked at at start, without what only its messages need."""

from pricetrail.alerts.webhooks import APPRISE, FORMATS, Webhook, WebhookError, check_settings
from pricetrail.net.ssrf import GuardError, check_url


def check_format(name: str) -> None:
    """Refuse a format that there is not. Raises `WebhookError` naming those there are."""
    if name not in FORMATS:
        raise WebhookError("format", f"must be one of {', '.join(FORMATS)}, not {name!r}")


def check(webhook: Webhook) -> None:
    """Refuse a webhook that could never work, at start rather than at the first alert.

    Raises:
        WebhookError: names the key and the remedy; holds neither the URL nor a secret.
    """
    check_format(webhook.format)
    check_settings(webhook)
    if webhook.format == APPRISE:
        # Its addresses are Apprise's own to read: an extra, which is loaded where it is used.
        from pricetrail.alerts import apprise  # noqa: PLC0415 - see above

        apprise.check(webhook)
        return
    try:
        check_url(webhook.url, allow_private=webhook.allow_private)
    except GuardError as error:
        raise WebhookError("url", str(error)) from None
