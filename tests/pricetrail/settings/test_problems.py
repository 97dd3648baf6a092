"""A problem is one line, with the nearest known name."""

import pytest

from pricetrail.settings.problems import IN_DATABASE, Problem, lines_of, near, told_once


def test_a_problem_is_a_line_of_what_is_known_of_it() -> None:
    assert str(Problem("p.toml", "web.port", "wrong")) == "p.toml: web.port: wrong"
    assert str(Problem("p.toml", "", "wrong", place=(3, 7))) == "p.toml: line 3, column 7: wrong"
    assert str(Problem("", "", "there is none")) == "there is none"


def test_a_misspelt_key_is_guessed_else_all_are_told() -> None:
    assert near("prot", ["port", "host"]) == "; did you mean port?"
    assert near("PORT", ["port", "host"]) == "; did you mean port?"
    assert near("x", ["port", "host"], prefix="P_") == "; there are: P_host, P_port"


@pytest.mark.parametrize("number", [1, 10, 11, 1_200])
def test_what_is_wrong_alike_with_many_kept_sources_is_one_line(number: int) -> None:
    def kept(key: str, text: str) -> list[Problem]:
        return [
            Problem(f"source s{n}{IN_DATABASE}", key, text, "sources", f"s{n}")
            for n in range(number)
        ]

    other = Problem("p.toml", "web.port", "wrong")
    problems: list[Problem | str] = [
        *kept("api_key", "not set"),
        other,
        "words",
        *kept("url", "not set"),
    ]
    lines = lines_of(problems)
    if number <= 10:
        assert lines == list(map(str, problems))
    else:
        more = f"(and so in {number - 1:,} more)"
        assert lines == [
            f"source s0 in the database: api_key: not set {more}",
            "p.toml: web.port: wrong",
            "words",
            f"source s0 in the database: url: not set {more}",
        ]


def test_in_a_file_each_has_its_line() -> None:
    of_file = [Problem("p.toml", f"sources.s{n}.url", "not set", "sources") for n in range(30)]
    assert lines_of(of_file) == list(map(str, of_file))
    assert lines_of(["the same"] * 30) == ["the same"] * 30


def test_each_word_has_a_number_of_its_own() -> None:
    lines = [(f"{n}: {'ab'[n % 2]}", "ab"[n % 2]) for n in range(40)]
    assert told_once([*lines, ("0: c", "c")]) == [
        "0: a (and so in 19 more)",
        "1: b (and so in 19 more)",
        "0: c",
    ]
