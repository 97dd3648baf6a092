"""`pricetrail deliver`: what is due goes out, once."""

import click

from pricetrail.context import App, pass_app
from pricetrail.exits import FailedError
from pricetrail.params import json_option


@click.command(
    epilog="""\b
Examples:
  pricetrail deliver
  pricetrail deliver --json
"""
)
@json_option
@pass_app
def command(app: App, as_json: bool) -> None:
    """Deliver what is due, once: new messages, retries, digests, changes held long enough.

    Exit code 1 when a delivery failed. It stays in the outbox until its next attempt.
    """
    from jobs.delivering import Deliverer
    from pricetrail.commands.poll import counted
    from pricetrail.render import line, print_json

    tally = Deliverer(app.database(), app.settings.webhooks).deliver_due()
    if as_json:
        print_json({"deliveries": counted(tally)})
    else:
        line(", ".join(f"{number} {name}" for name, number in counted(tally).items()))
    if tally.retrying or tally.dead:
        raise FailedError(
            f"{tally.retrying + tally.dead} deliveries failed: see `pricetrail deliveries list`"
        )
