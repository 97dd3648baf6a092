"""Errors for programs."""

import json

from pricetrail.web.problems import PROBLEM, problem


def test_a_problem_is_one_line_of_ascii_that_says_what_to_do() -> None:
    answer = problem(429, "später", {"retry-after": "3"})
    assert answer.status_code == 429
    assert answer.media_type == answer.headers["content-type"] == PROBLEM
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["cache-control"] == "no-store"
    assert bytes(answer.body).isascii()
    assert json.loads(bytes(answer.body)) == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "später",
    }


def test_a_client_of_the_gateway_gets_a_message_that_it_repeats() -> None:
    answer = json.loads(bytes(problem(404, "no such model", for_gateway_client=True).body))
    assert answer["message"] == answer["detail"] == "no such model"
