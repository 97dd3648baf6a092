"""What an address says of the format that it takes: chats are known by their hosts."""

import re
from urllib.parse import urlsplit

_CLOUD_FLOWS = ("logic.azure.com", "powerplatform.com", "flow.microsoft.com")
_SLACK = ("hooks.slack.com", "hooks.slack-gov.com")
_DISCORD = ("discord.com", "discordapp.com")
_TEAMS = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://?[^/]")


def formats_of(url: str) -> tuple[str, ...]:
    """The formats that an address takes, the usual one first; none where any may be right.

    Apprise reads the chats' own addresses, too, and all that is not http(s).
    """
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() not in ("http", "https"):
        return ("apprise",)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ()
    if _is_of(host, _SLACK):
        return ("slack", "apprise")
    if _is_of(host, _DISCORD):
        # https://docs.discord.com/developers/resources/webhook#execute-slackcompatible-webhook
        return ("slack" if parts.path.rstrip("/").endswith("/slack") else "discord", "apprise")
    if _is_of(host, _TEAMS):
        return ("teams", "apprise")
    if _is_of(host, _CLOUD_FLOWS):
        # A flow takes what its author lets it take; most of them post into Teams.
        return ("teams", "json", "cloudevents", "alertmanager", "apprise")
    return ()


def _is_of(host: str, domains: tuple[str, ...]) -> bool:
    return host in domains or host.endswith(tuple(f".{domain}" for domain in domains))
