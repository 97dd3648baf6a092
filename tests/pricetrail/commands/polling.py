"""What the tests of commands that poll and alert share: a configuration and a change."""

from typing import Any

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import document
from tests.support.histories import model, tokens

CONFIG = """
[sources.s]
url = "{gateway}"
api_key = "demo-key"

[webhooks.billing]
url = "{receiver}/billing"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
allow_private = true

[webhooks.rises]
url = "{receiver}/rises"
allow_private = true
directions = ["increase"]
events = ["model.repriced"]
"""


def cut(gateway: Gateway) -> dict[str, Any]:
    """The first model gets cheaper; what the poll says of it."""
    models = gateway.catalog
    models[0] = model("m-00", tokens("0.0000025", "0.000015"))
    gateway.catalog = models
    found: dict[str, Any] = document("poll")
    return found
