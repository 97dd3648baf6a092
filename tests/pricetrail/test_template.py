"""The configuration that `pricetrail init` writes."""

import re
from pathlib import Path

from pricetrail.settings import web
from pricetrail.settings.keys import SOURCE, WEB_KEYS, WEBHOOK
from pricetrail.settings.loading import load
from pricetrail.template import TEMPLATE

SECRETS = {
    "PIPELLM_API_KEY": "sk-x",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X",
    "PING_URL": "https://hc-ping.com/x",
    "BILLING_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def test_every_line_that_init_comments_out_works_too() -> None:
    uncommented = re.sub(r'(?m)^# (\[|["a-z0-9_-]+ = )', r"\1", TEMPLATE)
    assert uncommented.count("\n[") == 6
    Path("pricetrail.toml").write_text(uncommented, encoding="utf-8")
    settings = load(None, SECRETS)
    assert settings.problems == ()
    assert list(settings.webhooks) == ["prices", "billing", "alerts"]
    assert settings.webhooks["prices"].digest == "0 9 * * 1-5"
    Path("team.token").write_text("t0ken-of-the-team\n", encoding="utf-8")
    assert web.load(None, SECRETS).tokens.holder("t0ken-of-the-team") == "team"


def test_it_names_every_key_and_none_that_is_unknown() -> None:
    keys = set(re.findall(r"(?m)^(?:# )?([a-z_]+) = ", TEMPLATE)) - {"database_url"}
    assert keys == {*SOURCE, *WEBHOOK, *WEB_KEYS}
