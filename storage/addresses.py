"""A database's URL: checked before anything is opened, and shown without what may be secret."""

import re
from functools import lru_cache
from urllib.parse import quote

from sqlalchemy import URL, exc, make_url

from pricetrail.catalog.masking import Masker
from pricetrail.storage.errors import DatabaseUrlError

FORMS = "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
_ENCODE = "percent-encode @ : / ? in a user name or password (%40 %3A %2F %3F)"
_HOST = re.compile(r"[\w.:%-]+", re.ASCII)
# As libpq writes several (https://www.postgresql.org/docs/current/libpq-connect.html): a standby
# that takes over is another of them.
_SEVERAL = re.compile(
    r"(?P<before>postgresql[+\w]*://(?:[^/?]*@)?)(?P<hosts>[^/?@]*,[^/?@]*)"
    r"(?P<name>/[^?]*)?(?:\?(?P<options>.*))?",
    re.ASCII,
)
_ONE_OF_SEVERAL = re.compile(r"(?:\[([\w.:%]+)\]|([\w.-]+))(?::([0-9]{1,6}))?", re.ASCII)
# Of a file's own URI (https://sqlite.org/uri.html), which `uri=true` announces.
_FILE_OPTIONS = {"uri", "mode", "cache", "immutable", "nolock", "vfs", "psow"}
# What pricetrail itself takes from a URL (see `storage.postgres`).
_OWN_OPTIONS = {"prepare_threshold", "schema"}
_SHORTEST_PASSWORD = 3
_NOT_SECRET = ("host", "port", "target_session_attrs")


@lru_cache(maxsize=64)
def parse(url: str) -> URL:
    """The parts of a URL that pricetrail can use.

    Raises:
        DatabaseUrlError: names what is wrong with it, and repeats no part of it.
    """
    if re.search(r"[\x00-\x1f\x7f]", url) or url.strip() != url:
        raise DatabaseUrlError("holds a line break, or a blank at one of its ends: remove it")
    try:
        parts = make_url(_with_hosts_as_options(url))
    except exc.ArgumentError:
        raise DatabaseUrlError(f"is not one that pricetrail knows: {FORMS}") from None
    except ValueError:
        raise DatabaseUrlError(f"has a port that is no number: check it, and {_ENCODE}") from None
    if parts.drivername not in _DRIVERS:
        raise DatabaseUrlError(f"is not one that pricetrail knows: {FORMS}")
    if parts.get_backend_name() == "sqlite":
        _check_file(parts)
    else:
        _check_server(parts, url.partition("://")[2])
    return parts


def safe_url(url: str) -> str:
    """The URL's scheme, host and name: the rest may be secret."""
    parts = parse(url)
    if parts.get_backend_name() == "sqlite":
        return f"{parts.drivername}://{f'/{parts.database}' if parts.database else ''}"
    hosts = [parts.host] if parts.host else several(parts)
    shown = ",".join(f"[{host}]" if ":" in host else host for host in hosts)
    return f"{parts.drivername}://{shown}/{parts.database or ''}"


def several(parts: URL) -> list[str]:
    """The hosts that a URL names beside its first part, without their ports; none for a socket."""
    given = parts.query.get("host", ())
    hosts = given.split(",") if isinstance(given, str) else given
    names = [host if host.count(":") > 1 else host.partition(":")[0] for host in hosts]
    return [name for name in names if _HOST.fullmatch(name)]


def masked(url: str, text: str) -> str:
    """What a driver says, without what it repeats of the URL's secrets."""
    parts = parse(url)
    values = [parts.password or "", f'"{parts.username}"']
    for name, given in parts.query.items():
        if name not in _NOT_SECRET:
            for value in [given] if isinstance(given, str) else given:
                values += [value, f'"{value}"']
    return Masker(values, shortest=_SHORTEST_PASSWORD).text(text)


def _with_hosts_as_options(url: str) -> str:
    """`HOST:PORT,HOST:PORT` as SQLAlchemy takes them, after the `?`; any other URL as it is."""
    written = _SEVERAL.fullmatch(url)
    if written is None or re.search(r"(?:^|&)(?:host|port)=", written["options"] or ""):
        return url
    hosts = [_ONE_OF_SEVERAL.fullmatch(one) for one in written["hosts"].split(",")]
    found = [(one[1] or one[2], one[3] or "") for one in hosts if one is not None]
    if len(found) < len(hosts):
        return url
    if any(port and not 0 < int(port) < 65536 for _, port in found):
        raise DatabaseUrlError("has a port that is not from 1 to 65535")
    options = [written["options"]] if written["options"] else []
    options.append(f"host={','.join(quote(host, safe='') for host, _ in found)}")
    if any(port for _, port in found):
        options.append(f"port={','.join(port for _, port in found)}")
    return f"{written['before']}{written['name'] or '/'}?{'&'.join(options)}"


def _check_file(parts: URL) -> None:
    if parts.host or parts.username or parts.port:
        raise DatabaseUrlError("needs three slashes: write sqlite:///FILE, or sqlite:////ROOT/FILE")
    if parts.query and ("uri" not in parts.query or parts.query.keys() - _FILE_OPTIONS):
        raise DatabaseUrlError("has options that SQLite does not know: write sqlite:///FILE alone")


def _check_server(parts: URL, written: str) -> None:
    user = written.partition("@")[0] if parts.username is not None else ""
    rest = written.removeprefix(f"{user}@").partition("?")[0] if user else written.partition("?")[0]
    # `HOST:5432/NAME?password=a@b` would be read as a user HOST on a host b.
    if "?" in user or "@" in rest:
        raise DatabaseUrlError(f"cannot be read: {_ENCODE}")
    if parts.host and not _HOST.fullmatch(parts.host):
        raise DatabaseUrlError(f"has no plain host: {_ENCODE}")
    if parts.port is not None and not 0 < parts.port < 65536:
        raise DatabaseUrlError("has a port that is not from 1 to 65535")
    if re.search(r"[=\s\x00]", parts.database or ""):
        raise DatabaseUrlError("names a database with a blank or `=`: options go after a `?`")
    _check_options(parts)


def _check_options(parts: URL) -> None:
    from psycopg.pq import Conninfo  # noqa: PLC0415 - only for a server

    if not re.fullmatch(r"[0-9]{1,6}", str(parts.query.get("prepare_threshold", "0"))):
        raise DatabaseUrlError(
            "has a prepare_threshold that is no number: write one such as 5, or leave it out"
        )
    known = _OWN_OPTIONS | {option.keyword.decode() for option in Conninfo.get_defaults()}
    for name in parts.query:
        if name not in known:
            # Its name may be a part of a password that was not encoded.
            raise DatabaseUrlError(
                "has an option after its `?` that Postgres does not know: see the key words of "
                f"libpq's connection strings, and {_ENCODE}"
            )
