"""Pieces of pages: each made once, and shown to whom it belongs."""

from collections.abc import Hashable
from dataclasses import dataclass

from markupsafe import Markup

from pricetrail.web.fragments import keeping


@dataclass(frozen=True)
class Item:
    key: Hashable
    words: str


class Macro:
    """What a template's macro is, and how often it was called."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0

    def __call__(self, item: object, *more: object) -> Markup:
        self.calls += 1
        assert isinstance(item, Item)
        return Markup("{} {} {}").format(self.name, item.words, ", ".join(map(str, more)))


def test_a_piece_is_made_once_for_each_of_what_it_depends_on() -> None:
    line, other = Macro("test_line"), Macro("test_other")
    here, elsewhere = keeping(("", "here")), keeping(("/root", "elsewhere"))
    item = Item(("evt_1", 1), "<one>")
    assert here(line, item, True) == "test_line &lt;one&gt; True"
    assert here(line, Item(item.key, "the same"), True) == "test_line &lt;one&gt; True"
    assert line.calls == 1
    # Another page around it, another argument, another item, another macro: another piece.
    elsewhere(line, item, True)
    here(line, item, False)
    here(line, Item(("evt_1", 2), "two"), True)
    assert line.calls == 4
    assert here(other, item, True) == "test_other &lt;one&gt; True"
