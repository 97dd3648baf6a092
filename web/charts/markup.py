"""SVG as markup: attributes are escaped, and nothing but presentation attributes and classes."""

from functools import cache, lru_cache

from markupsafe import Markup, escape

from pricetrail.web.charts.traces import number

_SHORT = 24
# As `Markup(text)` makes it of a text, without asking first whether it is one.
_markup = str.__new__


def element(name: str, content: str = "", /, **attributes: object) -> Markup:
    """`<name …>content</name>`; `content` is escaped unless it is markup already.

    Underscores of names are hyphens (`text_anchor`), one at the end is dropped (`class_`); a float
    is written to a tenth, and an attribute that is None left out.
    """
    given = "".join(
        [
            f' {_attribute(key)}="{_value(value)}"'
            for key, value in attributes.items()
            if value is not None
        ]
    )
    # Names are ours, values and content are escaped.
    if not content:
        return _markup(Markup, f"<{name}{given}/>")
    inner = content if isinstance(content, Markup) else escape(content)
    return _markup(Markup, f"<{name}{given}>{inner}</{name}>")


@cache
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return _escaped(text) if len(text) < _SHORT else str(escape(text))


@lru_cache(maxsize=1024)
def _escaped(text: str) -> str:
    """Names of classes, mostly: the same few again and again."""
    return str(escape(text))


def joined(*parts: Markup) -> Markup:
    """One after the other."""
    return _markup(Markup, "".join(parts))


def link(address: str, title: str, content: Markup) -> Markup:
    """A link that a pointer finds; the same stands in a list beside the picture, for keys."""
    return element("a", element("title", title) + content, href=address, tabindex="-1")
