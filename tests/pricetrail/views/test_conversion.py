"""What became of native fields, told in few lines or in all of them."""

import pytest

from pricetrail.catalog.dialects.readings import (
    ABSENT,
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
)
from pricetrail.queries.conversion import ConversionAnswer, Finding
from pricetrail.views.conversion import tell


def told(*findings: Finding, all_of_it: bool = False) -> list[str]:
    lines: list[str] = []
    answer = ConversionAnswer("d/1", "{}", (), findings)
    tell(answer, lines.append, all_of_it=all_of_it)
    return lines


def finding(number: int, field: str, kind: str = ABSENT) -> Finding:
    models = tuple(f"m{n}" for n in range(number))
    return Finding(kind, field, "0 means none", models, ("0",) * number)


def test_the_fields_of_most_models_come_first_and_the_rest_is_counted() -> None:
    lines = told(*(finding(n, f"/f{n}") for n in range(1, 9)), finding(1, "/x", NOT_UNDERSTOOD))
    assert lines[0] == "\nnot understood (in the body alone): 1 field"
    assert lines[1:4] == ["- /x 0", "  in m0", "  0 means none"]
    assert lines[4:7] == ["\nabsent (no such price): 8 fields", "- /f8 0", "  in m0, m1 and 6 more"]
    assert lines[-1] == "  and 3 more fields (--all)"


@pytest.mark.parametrize("kind", [ABSENT, APART, FLAGGED, NOT_UNDERSTOOD, SNAPPED])
def test_no_kind_of_remark_is_passed_over(kind: str) -> None:
    lines = told(finding(1, "/x", kind))
    assert lines[0].startswith(f"\n{kind} (")
    assert lines[1].endswith("/x 0")


def test_all_of_it_names_every_field_and_model() -> None:
    lines = told(*(finding(n, f"/f{n}") for n in range(1, 9)), all_of_it=True)
    assert sum(line.startswith("- /f") for line in lines) == sum(range(1, 9))


def test_nothing_to_say_is_said_and_what_is_from_outside_is_inert() -> None:
    assert told() == ["every native field that was read was taken as it is"]
    odd = Finding(ABSENT, "/a\x1b[31m", "t\n", ("m\u202e",), ("v" * 900,))
    assert all(line.lstrip("\n").isprintable() and len(line) < 120 for line in told(odd))
