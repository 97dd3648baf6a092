"""SVG as markup: attributes are escaped, and nothing but presentation attributes and classes."""

from functools import cache

from markupsafe import Markup, escape

from pricetrail.web.charts.traces import number


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
        return Markup(f"<{name}{given}/>")  # noqa: S704 - see above
    return Markup(f"<{name}{given}>{escape(content)}</{name}>")  # noqa: S704 - see above


@cache
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return str(value) if isinstance(value, int) else escape(value)


def joined(*parts: Markup) -> Markup:
    """One after the other."""
    return Markup("").join(parts)


def link(address: str, title: str, content: Markup) -> Markup:
    """A link that a pointer finds; the same stands in a list beside the picture, for keys."""
    return element("a", element("title", title) + content, href=address, tabindex="-1")
