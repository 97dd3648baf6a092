"""A problem is one line, with the nearest known name."""

from pricetrail.settings.problems import Problem, near


def test_a_problem_is_a_line_of_what_is_known_of_it() -> None:
    assert str(Problem("p.toml", "web.port", "wrong")) == "p.toml: web.port: wrong"
    assert str(Problem("p.toml", "", "wrong", place=(3, 7))) == "p.toml: line 3, column 7: wrong"
    assert str(Problem("", "", "there is none")) == "there is none"


def test_a_misspelt_key_is_guessed_else_all_are_told() -> None:
    assert near("prot", ["port", "host"]) == "; did you mean port?"
    assert near("PORT", ["port", "host"]) == "; did you mean port?"
    assert near("x", ["port", "host"], prefix="P_") == "; there are: P_host, P_port"
