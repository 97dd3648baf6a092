"""The way to a webhook's receiver, kept from message to message for as long as it stays one."""

from contextlib import ExitStack

from pricetrail.alerts.posting import route_to
from pricetrail.alerts.webhooks import Webhook
from pricetrail.net.dialling import Network
from pricetrail.net.outbound import Route


class Way:
    """One open connection at most; closed at the end of a `with`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._open = ExitStack()
        self._to: tuple[str, str, bool] | None = None
        self._route: Route | None = None

    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def to(self, webhook: Webhook) -> Route:
        """The route to a webhook: the one before, unless its address is another by now."""
        to = webhook.format, webhook.url, webhook.allow_private
        if self._route is None or to != self._to:
            self._open.close()
            self._route = self._open.enter_context(route_to(webhook, self._network, lasting=True))
            self._to = to
        return self._route
