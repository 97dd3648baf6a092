"""Each key is found on its line, whatever stands between."""

import tomllib

from pricetrail.settings.lines import key_lines, line_of

TEXT = '''# A comment with [brackets] and a = b
database_url = "sqlite:///p.db"

[sources.a]  # another
api_key = "x"
labels = { team = "search" }
ignore = [
  "/created",  # a = 1
  "[sources.fake]",
]
url = """
[sources.fake]
key = 1
"""
hold.x = 5

[sources."b.c"]
[web.tokens]
team = "x"
[[odd]]
y = 1
'''


def test_a_key_is_on_the_line_that_it_begins_on() -> None:
    tomllib.loads(TEXT)
    lines = key_lines(TEXT)
    assert lines == {
        "database_url": 2,
        "sources.a": 4,
        "sources.a.api_key": 5,
        "sources.a.labels": 6,
        "sources.a.labels.team": 6,
        "sources.a.ignore": 7,
        "sources.a.url": 11,
        "sources.a.hold": 15,
        "sources.a.hold.x": 15,
        "sources.b.c": 17,
        "web.tokens": 18,
        "web.tokens.team": 19,
        "odd": 20,
        "odd.y": 21,
    }
    assert key_lines("") == {}


def test_what_is_not_written_is_where_its_table_is() -> None:
    lines = key_lines(TEXT)
    assert line_of("sources.a.schedule", lines) == 4
    assert line_of("web.tokens.team", lines) == 19
    assert line_of("webhooks.x", lines) is None
