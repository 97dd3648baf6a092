"""One request and how its answer begins, the same whoever is asked."""

from contextlib import AbstractContextManager

import httpcore

from pricetrail.net.ssrf import Target

# Nothing compressed is asked for: a few hundred bytes can grow to many megabytes (fault 9).
_HEADERS = {"User-Agent": "pricetrail", "Accept-Encoding": "identity"}


def exchange(
    pool: httpcore.ConnectionPool,
    method: str,
    target: Target,
    headers: dict[str, str],
    body: bytes | None = None,
    *,
    timeout: float,
) -> AbstractContextManager[httpcore.Response]:
    """Send a request whose answer is read in the context; `timeout` in seconds is to connect."""
    usual = {"http": 80, "https": 443}[target.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = host if target.port == usual else f"{host}:{target.port}"
    return pool.stream(
        method,
        httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
        headers=list({"Host": named, **_HEADERS, **headers}.items()),
        content=body,
        extensions={"timeout": {"connect": timeout}},
    )


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """The answer's headers, names in lower case; what comes twice is joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
