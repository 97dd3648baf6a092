"""The tree of errors: whether trying again can help, and how a caller ends."""

from http import HTTPStatus

import pytest

from pricetrail.catalog.errors import (
    CatalogError,
    FailedError,
    InvalidInputError,
    NotFoundError,
    PricetrailError,
    UnavailableError,
    exit_code,
    http_status,
)


@pytest.mark.parametrize(
    ("kind", "code", "status", "retry"),
    [
        (FailedError, 1, 503, False),
        (InvalidInputError, 2, 400, False),
        (NotFoundError, 3, 404, False),
        (UnavailableError, 1, 503, True),
        (CatalogError, 1, 503, False),
    ],
)
def test_each_kind_ends_in_its_way(
    kind: type[PricetrailError], code: int, status: int, retry: bool
) -> None:
    error = kind("one line")
    assert (exit_code(error), http_status(error), error.retry) == (code, HTTPStatus(status), retry)
    assert str(error) == "one line"


def test_an_error_of_a_kind_ends_as_its_kind_does() -> None:
    class NarrowError(InvalidInputError):
        pass

    class NarrowerError(NarrowError):
        pass

    assert (exit_code(NarrowerError()), http_status(NarrowerError())) == (2, HTTPStatus.BAD_REQUEST)


def test_of_two_kinds_the_first_decides() -> None:
    class AbsentInputError(NotFoundError, InvalidInputError):
        pass

    assert exit_code(AbsentInputError()) == 3
