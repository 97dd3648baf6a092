"""`pricetrail deliver`: what is due goes out, once."""

import click

from pricetrail.context import App, pass_app
from pricetrail.delivery import deliver_due, note_paused, require_delivered
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.render import line, print_json
from pricetrail.settings.keys import WEBHOOKS
from pricetrail.text.sums import listed


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail deliver
  pricetrail deliver --json
""",
)
@json_option
@pass_app
def command(app: App, as_json: bool) -> None:
    """Deliver once what is due: new messages, retries, digests.

    Changes that were held long enough are among them. Exit code 1 when a delivery failed. It
    stays in the outbox until its next attempt. So does what is owed to a webhook whose
    configuration cannot be used, which is told. SIGTERM and Ctrl-C end it once the messages in
    hand are sent; the others stay in the outbox, too.
    """
    tally, stopped = deliver_due(app)
    if as_json:
        print_json(tally.as_json())
    else:
        line(listed(tally.counts()))
    note_paused(app)
    require_delivered(tally, app.delivery_settings.problems_of(WEBHOOKS), stopped=stopped)
