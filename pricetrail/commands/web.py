"""`pricetrail web`: the page and the API."""

import os

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.options import web_options
from pricetrail.reloading import Reload, Reloads
from pricetrail.render import note
from pricetrail.serving import said, serving, web_settings
from pricetrail.settings.files import find
from pricetrail.settings.whole import Needs
from pricetrail.signals import stopping_on_signals


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail web  then open http://127.0.0.1:8080/
  pricetrail web --port 9000
  curl -s http://127.0.0.1:8080/at/2026-03-01/v1/models
""",
)
@web_options
@pass_app
def command(
    app: App, host: str | None, port: int | None, root_path: str | None, metrics_prices: bool
) -> None:
    """Serve the page and the API until stopped.

    They only read. On an address that others can reach a token is needed (web.tokens in the
    configuration). SIGHUP has it read the configuration again. `pricetrail run --web` does the
    same beside the scheduler.
    """
    settings, stop = web_settings(app, host, port, root_path), Stop()
    needs = Needs(polls=False, page=True, given=said(host=host, port=port, root_path=root_path))
    shown = InForce(Configured(app.known_sources(), app.known_webhooks()))
    reload = Reload(app, shown, needs, find(app.config, os.environ) is not None, settings)
    reload.aliases = app.known_aliases()
    reloads = Reloads(reload, stop)
    with (
        stopping_on_signals(stop, hangup=reloads.ask),
        serving(app, settings, metrics_prices=metrics_prices, ended=stop.set) as page,
    ):
        reload.page = page
        note(f"serving {page.address} until Ctrl-C")
        with reloads:
            stop.wait()
    if page.failed:
        raise FailedError("the page ended by itself: the log says why")
    note("stopped")
