"""A page as a test looks at it: its elements in order, each with its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

# A table's rows, each the texts of its cells, the head's among them.
Rows: TypeAlias = list[list[str]]

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
# An element that begins one of these ends the others, where HTML lets one leave out the end.
_ENDED_BY = {
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
    "tbody": {"td", "th", "tr", "thead", "tbody"},
    "thead": {"td", "th", "tr", "tbody", "caption"},
    "tfoot": {"td", "th", "tr", "tbody"},
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "option": {"option"},
}
_ENDS_AT = {"table", "ul", "ol", "dl", "select"}
_UNSEEN = {"script", "style", "title", "template"}


@dataclass(eq=False, slots=True)
class Element:
    """An element; `text` has its children's in it, with each run of white space as one space."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What one reads of it."""
        return " ".join("".join(self.pieces).split())

    def get(self, name: str) -> str | None:
        """An attribute; None where there is none."""
        return self.attributes.get(name)

    def all(self, *tags: str, **wanted: str) -> list["Element"]:
        """The elements in it, of these tags, with these attributes (`class_` is one of many)."""
        found = []
        for child in self.children:
            if (not tags or child.tag in tags) and child._matches(wanted):
                found.append(child)
            found += child.all(*tags, **wanted)
        return found

    def one(self, *tags: str, **wanted: str) -> "Element":
        """The only such element."""
        (found,) = self.all(*tags, **wanted)
        return found

    def _matches(self, wanted: dict[str, str]) -> bool:
        for name, value in wanted.items():
            has = self.attributes.get(name.rstrip("_").replace("_", "-"))
            fits = value in (has or "").split() if name == "class_" else has == value
            if not fits:
                return False
        return True


class Page(Element):
    """A whole page."""

    __slots__ = ()

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return self.all("title")[0].text  # those of drawings come later

    @property
    def main(self) -> Element:
        """What is on this page alone."""
        return self.one("main")

    @property
    def headings(self) -> list[str]:
        """The headings in order, as `h2 Sources`."""
        found = self.all("h1", "h2", "h3", "h4", "h5", "h6")
        return [f"{heading.tag} {heading.text}" for heading in found]

    @property
    def links(self) -> dict[str, str]:
        """The addresses of the page's own links by their text; the first of each text."""
        found: dict[str, str] = {}
        for link in self.main.all("a"):
            found.setdefault(link.text, link.get("href") or "")
        return found

    @property
    def tables(self) -> list[Rows]:
        """Every table."""
        return [
            [[cell.text for cell in row.all("td", "th")] for row in table.all("tr")]
            for table in self.all("table")
        ]

    def table(self, caption: str) -> Rows:
        """The only table whose caption begins so."""
        (found,) = (
            table
            for table in self.all("table")
            if any(said.text.startswith(caption) for said in table.all("caption"))
        )
        return [[cell.text for cell in row.all("td", "th")] for row in found.all("tr")]

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the page's own forms with what stands in them."""
        return {
            name: shown.get("value") or ""
            for shown in self.main.all("input", "textarea")
            if (name := shown.get("name")) is not None
        }


def read(text: str) -> Page:
    """Parse a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page("", {})
        self._open: list[Element] = [self.page]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self._open[-1].tag in _ENDED_BY.get(tag, ()):
            self._open.pop()
        around = self._open[-1]
        element = Element(tag, {name: value or "" for name, value in attrs}, around)
        around.children.append(element)
        if tag in {"td", "th", "tr", "li", "dt", "dd", "p", "br", "div", "option", "caption"}:
            self._say(" ")
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """In SVG an element may end where it begins."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in (element.tag for element in self._open):
            while self._open.pop().tag != tag:
                pass
        if tag in _ENDS_AT:
            self._say(" ")

    def handle_data(self, data: str) -> None:
        inside = self._open[-1]
        if inside.tag in _UNSEEN:
            inside.pieces.append(data)
        else:
            self._say(data)

    def _say(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)
