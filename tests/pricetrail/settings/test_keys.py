"""Every key has a default that is what holds without it."""

from dataclasses import MISSING, fields

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.source import Source
from pricetrail.settings.keys import SOURCE, WEB_KEYS, WEBHOOK, Keys
from pricetrail.settings.web import WebSettings

# What of a webhook its table does not say: its name, what is wrong with it, its sources' labels.
_OURS = {"name", "faults"}


@pytest.mark.parametrize(("keys", "made"), [(SOURCE, Source), (WEBHOOK, Webhook)])
def test_a_default_is_what_holds_where_a_key_is_left_out(
    keys: Keys, made: type[Source | Webhook]
) -> None:
    held = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(made)
        if each.name not in _OURS and (made is Source or each.name not in ("labels", "aliases"))
    }
    assert list(held) == list(keys)
    for name, key in keys.items():
        if name == "url" or key.required:
            continue
        default = None if key.default is None else key.kind(key.default)
        assert default == held[name], name
        assert type(default) is type(held[name]), name


def test_the_page_has_the_same_defaults() -> None:
    settings = WebSettings()
    for name in ("host", "port", "root_path", "trusted_proxies"):
        assert WEB_KEYS[name].kind(WEB_KEYS[name].default) == getattr(settings, name)


def test_whatever_may_hold_a_password_is_secret() -> None:
    secret = {name for keys in (SOURCE, WEBHOOK, WEB_KEYS) for name in keys if keys[name].secret}
    assert secret == {"url", "api_key", "ping", "proxy", "secrets", "tokens"}
