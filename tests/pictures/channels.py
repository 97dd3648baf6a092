"""Each format's body as HTML that looks like its channel; only what is in the body is shown."""

import json
import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

Page = Callable[[Any], str]


def slack(body: dict[str, Any]) -> str:
    """Block Kit: headers, sections and contexts of mrkdwn."""
    inner = "".join(map(_slack_block, body["blocks"]))
    return _post("slack", "pricetrail", inner)


def _slack_block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h3>{_plain(block['text']['text'])}</h3>"
        case "section":
            return f"<p>{_mrkdwn(block['text']['text'])}</p>"
        case "context":
            parts = " ".join(_mrkdwn(element["text"]) for element in block["elements"])
            return f"<p class=context>{parts}</p>"
    raise ValueError(f"a block that has no picture: {block['type']}")


def _plain(text: str) -> str:
    return escape(unescape(text))


def _mrkdwn(text: str) -> str:
    """Code first, where nothing else is read; then bold and italics."""
    parts = re.split(r"`([^`]*)`", text)
    shown = [
        f"<code>{_plain(part)}</code>" if place % 2 else _emphasised(_plain(part))
        for place, part in enumerate(parts)
    ]
    return "".join(shown).replace("\n", "<br>")


def _emphasised(text: str) -> str:
    bold = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", text)
    return re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"<i>\1</i>", bold)


def discord(body: dict[str, Any]) -> str:
    """A content line and embeds with a coloured edge."""
    embeds = "".join(map(_embed, body["embeds"]))
    return _post("discord", "pricetrail", f"<p>{_markdown(body['content'])}</p>{embeds}")


def _embed(embed: dict[str, Any]) -> str:
    title = f"<h4>{escape(embed['title'])}</h4>" if embed.get("title") else ""
    footer = embed.get("footer", {}).get("text", "")
    foot = f"<p class=context>{escape(footer)}</p>" if footer else ""
    text = _markdown(embed.get("description", ""))
    return f"<div class=embed style='border-color:#{embed['color']:06x}'>{title}<p>{text}</p>{foot}</div>"


def _markdown(text: str) -> str:
    """Code first, where nothing else is read; bold may hold code."""
    parts = re.split(r"`([^`]*)`", text)
    shown = [
        f"<code>{escape(part)}</code>" if place % 2 else escape(re.sub(r"\\(.)", r"\1", part))
        for place, part in enumerate(parts)
    ]
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", "".join(shown)).replace("\n", "<br>")


def teams(body: dict[str, Any]) -> str:
    """An adaptive card of rich text blocks."""
    card = body["attachments"][0]["content"]
    return _post("teams", "Workflows", "".join(map(_card_block, card["body"])))


def _card_block(block: dict[str, Any]) -> str:
    rule = "<hr>" if block.get("separator") else ""
    runs = "".join(map(_run, block["inlines"]))
    small = " class=tight" if block.get("spacing") == "Small" else ""
    return f"{rule}<p{small}>{runs}</p>"


def _run(run: dict[str, Any]) -> str:
    classes = [
        name
        for name, on in (
            ("bold", run.get("weight") == "Bolder"),
            ("mono", run.get("fontType") == "Monospace"),
            ("subtle", run.get("isSubtle")),
            ("small", run.get("size") == "Small"),
            ("medium", run.get("size") == "Medium"),
            ("italic", run.get("italic")),
        )
        if on
    ]
    return f"<span class='{' '.join(classes)}'>{escape(run['text'])}</span>"


def apprise(body: dict[str, Any]) -> str:
    """Plain text with a title, as most services show it."""
    return _post(
        "plain", "any service", f"<h4>{escape(body['title'])}</h4><pre>{escape(body['body'])}</pre>"
    )


def alertmanager(body: list[dict[str, Any]]) -> str:
    """Alerts as its own page lists them: labels as chips below the annotations."""
    return _post("plain", "Alertmanager", "".join(map(_alert, body)))


def _alert(alert: dict[str, Any]) -> str:
    chips = " ".join(
        f"<code>{escape(name)}=&quot;{escape(value)}&quot;</code>"
        for name, value in alert["labels"].items()
    )
    notes = alert["annotations"]
    return (
        f"<h4>{escape(notes['summary'])}</h4><pre>{escape(notes['description'])}</pre>"
        f"<p class=context>{alert['startsAt']} to {alert['endsAt']}</p><p>{chips}</p>"
    )


def as_json(body: dict[str, Any]) -> str:
    """The document, indented."""
    return _post("plain", "POST", f"<pre>{escape(json.dumps(body, indent=2))}</pre>")


def _post(kind: str, author: str, inner: str) -> str:
    return (
        f"<article class={kind}><div class=avatar>pt</div><div class=text>"
        f"<div class=author>{author} <small>APP · 10:00</small></div>{inner}</div></article>"
    )


PAGES: dict[str, Page] = {
    "slack": slack,
    "discord": discord,
    "teams": teams,
    "apprise": apprise,
    "json": as_json,
    "cloudevents": as_json,
    "alertmanager": alertmanager,
}

STYLE = """
body{margin:0;padding:8px;background:#fff;font:15px/1.46 Lato,'DejaVu Sans',sans-serif;color:#1d1c1d}
article{display:flex;gap:10px;max-width:760px;padding:14px 16px;border-radius:8px}
.avatar{flex:none;width:36px;height:36px;border-radius:6px;background:#35536b;color:#fff;
 text-align:center;line-height:36px;font-weight:bold;font-size:13px}
.text{min-width:0;overflow-wrap:anywhere}.author{font-weight:bold}
small{font-weight:normal;color:#616061;font-size:12px}
h3{font-size:18px;margin:4px 0 6px}h4{margin:2px 0 4px;font-size:14px}p{margin:4px 0 8px}
.context{font-size:12.5px;color:#616061}pre{white-space:pre-wrap;font-size:12.5px;margin:4px 0}
code,.mono{font-family:Menlo,'DejaVu Sans Mono',monospace;font-size:12.5px}
.slack{border:1px solid #ddd}
.slack code{color:#c01343;background:#f6f6f6;border:1px solid #ddd;border-radius:3px;padding:1px 3px}
.discord{background:#313338;color:#dbdee1}.discord small,.discord .context{color:#949ba4}
.discord code{background:#1e1f22;border-radius:4px;padding:1px 4px}
.embed{background:#2b2d31;border-left:4px solid;border-radius:4px;padding:8px 14px;margin:6px 0}
.teams{background:#fff;border:1px solid #e0e0e0;box-shadow:0 1px 3px #0002}
.teams hr{border:0;border-top:1px solid #e5e5e5}.tight{margin:1px 0}
.bold{font-weight:600}.subtle{color:#616161}.small{font-size:12px}.medium{font-size:17px}
.italic{font-style:italic}.plain{border:1px solid #ddd;background:#fafafa}
"""
