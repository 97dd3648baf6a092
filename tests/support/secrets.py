"""Every notation in which somebody may repeat a secret, written with nothing of ours."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote


def escaped(text: str, *, upper: bool = False) -> str:
    """Every character as a JSON escape."""
    return "".join(rf"\u{ord(one):04X}" if upper else rf"\u{ord(one):04x}" for one in text)


def percent(text: str, *, upper: bool = False) -> str:
    """Every byte percent-encoded."""
    return "".join(f"%{byte:02X}" if upper else f"%{byte:02x}" for byte in text.encode())


def in_base64(text: str) -> Iterator[str]:
    """At each alignment, in both alphabets, with and without what stands around it."""
    for before in ("", "k", "ke"):
        for after in ("", "~", "~~"):
            raw = (before + text + after).encode()
            yield base64.b64encode(raw).decode()
            yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def notations(secret: str) -> list[str]:
    """All of them, as they would stand in a text; those with backslashes only inside JSON."""
    packed = list(dict.fromkeys(in_base64(secret)))
    alternating = "".join(
        one if place % 2 else percent(one, upper=True) for place, one in enumerate(secret)
    )
    return [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", r"\/"),
        json.dumps(json.dumps(secret))[3:-3],
        escaped(secret),
        escaped(secret, upper=True),
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        percent(secret),
        percent(secret, upper=True),
        alternating,
        "".join(f"&#{ord(one)};" for one in secret),
        "".join(f"&#x{ord(one):x};" for one in secret),
        secret.upper(),
        secret.replace("-", " ").replace("_", " ").title(),
        percent(secret.swapcase()),
        secret.encode().hex(),
        secret.encode().hex().upper(),
        *packed,
        *(quote(one, safe="") for one in packed),
        *(escaped(one) for one in packed),
        *(one.replace("/", r"\/") for one in packed if "/" in one),
    ]


@cache
def _tell_tale(secret: str) -> list[str]:
    """The notations in plain sight, and of base64 what the secret alone decides."""
    cores = []
    for before, start in enumerate((0, 2, 3)):
        encoded = base64.b64encode(bytes(before) + secret.encode()).decode().rstrip("=")
        core = encoded[start : (before + len(secret.encode())) * 8 // 6]
        cores += [core, core.translate(str.maketrans("+/", "-_"))]
    return notations(secret)[:18] + cores


def traces(secret: str, text: str) -> list[str]:
    """The notations of a secret that a text holds."""
    return [one for one in _tell_tale(secret) if one in text]
