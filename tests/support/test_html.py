"""Pages are read as a browser reads them."""

import pytest

from tests.support.html import read

PAGE = """<!doctype html>
<title>A &amp; B</title>
<header><a href="/">home</a></header>
<main>
<h1>Prices</h1>
<form><label>at <input name="at" value="2026-03-01"></label><input name="empty"></form>
<ul><li>one<li class="last of-all">two</ul>
<table><caption>Now</caption>
<thead><tr><th>model<th class="n">price</tr></thead>
<tbody>
<tr><td><a href="/model?id=a&amp;b">a
   b</a><td>3
<tr><td>c<br>d<td>4
</tbody></table>
<svg><path d="M0"/><title>3 dollars</title></svg>
<script>if (a < b) never("shown")</script>
</main>"""


def test_a_page_has_its_title_its_headings_and_its_links() -> None:
    page = read(PAGE)
    assert page.title == "A & B"
    assert page.headings == ["h1 Prices"]
    assert page.links == {"a b": "/model?id=a&b"}
    assert page.fields == {"at": "2026-03-01", "empty": ""}


def test_a_table_is_rows_of_texts_though_no_cell_is_closed() -> None:
    rows = [["model", "price"], ["a b", "3"], ["c d", "4"]]
    assert read(PAGE).tables == [rows]
    assert read(PAGE).table("Now") == rows
    with pytest.raises(ValueError, match="not enough values"):
        read(PAGE).table("Then")


def test_elements_are_found_by_tag_and_attribute() -> None:
    page = read(PAGE)
    assert [item.text for item in page.all("li")] == ["one", "two"]
    assert page.one(class_="of-all").text == "two"
    assert page.one("input", name="at").get("value") == "2026-03-01"
    assert page.one("svg").one("title").text == "3 dollars"


def test_what_nobody_sees_is_no_text() -> None:
    assert "never" not in read(PAGE).main.text
    assert "3 dollars" not in read(PAGE).main.text
