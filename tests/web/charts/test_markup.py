"""Markup that stays markup, whatever it is made of."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pricetrail.web.charts.markup import element, joined, link

# What XML can hold at all.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
)


@given(TEXT, TEXT)
def test_values_and_text_come_back_as_they_were(value: str, text: str) -> None:
    found = ET.fromstring(element("text", text, class_=value))
    assert found.get("class") == value
    assert (found.text or "") == text


def test_markup_is_not_escaped_twice_and_names_become_attributes() -> None:
    inner = element("tspan", "<&", text_anchor="end")
    assert element("text", inner, x=1.25, y=2, dx=None) == Markup(
        '<text x="1.2" y="2"><tspan text-anchor="end">&lt;&amp;</tspan></text>'
    )
    assert joined(element("g"), element("g", id="a")) == '<g/><g id="a"/>'


def test_a_link_is_for_pointers_and_says_where_it_leads() -> None:
    found = ET.fromstring(link('/event/"x"', "<1 May", element("circle", r=1)))
    assert found.attrib == {"href": '/event/"x"', "tabindex": "-1"}
    assert [one.tag for one in found] == ["title", "circle"]
    assert found[0].text == "<1 May"
