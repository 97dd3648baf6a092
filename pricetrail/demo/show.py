"""What the demo shows: what changed at each step, and the messages that came of it."""

import json
from collections.abc import Sequence
from textwrap import wrap

import click

from pricetrail.catalog.events import REMOVED, Event
from pricetrail.demo.receiver import Post
from pricetrail.prices import change_words
from pricetrail.render import line, raw
from pricetrail.render.folding import fold
from pricetrail.render.screen import screen_of
from pricetrail.text.kinds import KINDS
from pricetrail.text.lines import NEUTRAL, flat, joined
from pricetrail.text.phrases import line_of
from pricetrail.text.price_order import prompt_first
from pricetrail.text.sanitize import sanitize

WIDTH = 96
# The longest of the words that stand before what happened.
_KIND = len(KINDS[REMOVED])


def heading(text: str) -> None:
    """A line above a part, with room before it."""
    line()
    raw(click.style(text, bold=True))


def happened(events: Sequence[Event]) -> None:
    """A line for each event; one for each price where several of a model changed."""
    for event in events:
        kind = KINDS.get(event.type, "notice")
        for text in _lines(event):
            for part in wrap(text, _width() - _KIND, subsequent_indent="  ", drop_whitespace=False):
                line(f"   {kind:<{_KIND}}  {part}".rstrip())
                kind = ""


def _width() -> int:
    """What fits beside the indent of three and the gap after a kind."""
    return min(WIDTH, (screen_of().width or WIDTH) - 5)


def _lines(event: Event) -> list[str]:
    changes = [change_words(change) for change in prompt_first(event.changes)]
    if len(changes) < 2:
        told = line_of(event)
        # The word before it says what a neutral mark would.
        return [joined(told.spans) if told.mark == NEUTRAL else flat(told)]
    return [f"{sanitize(event.model)} —", *(f"  {words}" for words in changes)]


def chat_message(post: Post) -> None:
    """A Slack message as its reader sees it, drawn from the body that was posted."""
    # At once: with --serve other threads write lines as well.
    lines = (part for text in chat_lines(post.body) for part in fold(text, _width()))
    raw("\n".join(f"   │ {text}".rstrip() for text in lines))


def chat_lines(body: bytes) -> list[str]:
    """The lines of a Block Kit message; what is a heading is bold."""
    lines: list[str] = []
    for block in json.loads(body)["blocks"]:
        if block["type"] == "header":
            lines.append(click.style(_read(block["text"]["text"]), bold=True))
        elif block["type"] == "context":
            lines += [_read(text) for one in block["elements"] for text in one["text"].split("\n")]
        else:
            title, *rest = block["text"]["text"].split("\n")
            lines += ["", click.style(_read(title), bold=True)]
            for text in rest:
                lines += wrap(_read(text), WIDTH, subsequent_indent="  ")
    return lines


def signed_message(post: Post, *, genuine: bool) -> None:
    """A message of the `json` format: its headers, its body, and what a receiver finds."""
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        line(f"   {name}: {post.headers.get(name, '–')}")
    line()
    shown = json.dumps(json.loads(post.body), indent=2, ensure_ascii=False)
    for text in shown.splitlines():
        line(f"   {text}")
    line()
    line(f"   The receiver checked the signature: {'it is genuine' if genuine else 'IT IS WRONG'}.")


def _read(text: str) -> str:
    """Slack's markup as its reader sees it."""
    plain = text.replace("`", "").replace("*", "")
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
