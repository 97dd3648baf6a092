"""Every key of the configuration, with its kind and what holds where it is left out.

Defaults are written as in a file; a test holds them equal to those of `jobs.source.Source` and
`alerts.webhooks.Webhook`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pricetrail.settings import kinds
from pricetrail.settings.kinds import Kind

SOURCES, WEBHOOKS, WEB, ALIASES = "sources", "webhooks", "web", "aliases"


@dataclass(frozen=True, slots=True)
class Key:
    """A key; `default` is None where nothing holds. A secret one is never shown."""

    kind: Kind
    default: object = None
    required: bool = False
    secret: bool = False


Keys = Mapping[str, Key]

SOURCE: Keys = {
    "url": Key(kinds.text, "https://api.pipellm.ai/v1/models", secret=True),
    "api_key": Key(kinds.text, required=True, secret=True),
    "auth": Key(kinds.choice("bearer", "x-api-key", "none"), "bearer"),
    "schedule": Key(kinds.text, "*/15 * * * *"),
    "timezone": Key(kinds.text, "UTC"),
    "confirm_removals": Key(kinds.whole, 1),
    "hold": Key(kinds.span, "0s"),
    "hold_rises": Key(kinds.switch, default=True),
    "max_removed_percent": Key(kinds.amount, 30),
    "max_repriced_percent": Key(kinds.amount, 30),
    "max_price_ratio": Key(kinds.amount, "100"),
    "dialect": Key(kinds.text, "pipellm"),
    "keep": Key(kinds.names, []),
    "ignore": Key(kinds.names, []),
    "allow_empty": Key(kinds.switch, default=False),
    "max_body": Key(kinds.size, "16MiB"),
    "max_models": Key(kinds.whole, 50_000),
    "deadline": Key(kinds.span, "60s"),
    "failing_after": Key(kinds.whole, 3),
    "remind_every": Key(kinds.span, "24h"),
    "check_date": Key(kinds.switch, default=True),
    "labels": Key(kinds.labels, {}),
    "ping": Key(kinds.text, secret=True),
    "proxy": Key(kinds.text, secret=True),
    "ca_file": Key(kinds.text),
}

WEBHOOK: Keys = {
    "url": Key(kinds.text, required=True, secret=True),
    "format": Key(kinds.text, "json"),
    "secrets": Key(kinds.names, [], secret=True),
    "allow_private": Key(kinds.switch, default=False),
    "batch": Key(kinds.switch, default=False),
    "ordering": Key(kinds.text, ""),
    "sources": Key(kinds.names, ["*"]),
    "events": Key(kinds.names, []),
    "models": Key(kinds.names, []),
    "type_targets": Key(kinds.names, []),
    "min_percent": Key(kinds.amount),
    "directions": Key(kinds.names, []),
    "fields": Key(kinds.names, []),
    "min_monthly_usd": Key(kinds.amount),
    "digest": Key(kinds.text),
    "timezone": Key(kinds.text, "UTC"),
}

WEB_KEYS: Keys = {
    "host": Key(kinds.text, "127.0.0.1"),
    "port": Key(kinds.port, 8080),
    "tokens": Key(kinds.table, {}, secret=True),
    "allowed_hosts": Key(kinds.names, []),
    "root_path": Key(kinds.path_prefix, ""),
    "trusted_proxies": Key(kinds.names, []),
}
