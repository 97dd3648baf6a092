"""Errors of the database: what each makes a command, a page and a retry do."""

import pytest

from pricetrail.catalog.errors import InvalidInputError, UnavailableError, exit_code, http_status
from pricetrail.storage import errors


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.DatabaseUrlError("is empty"), InvalidInputError),
        (errors.ForeignDatabaseError("theirs"), InvalidInputError),
        (errors.SchemaVersionError("older"), InvalidInputError),
        (errors.DatabaseUnavailableError("locked"), UnavailableError),
    ],
)
def test_an_error_ends_as_its_kind_does(error: errors.StorageError, kind: type) -> None:
    assert isinstance(error, kind)
    assert (exit_code(error), http_status(error)) == (exit_code(kind("x")), http_status(kind("x")))


def test_only_what_may_pass_is_tried_again() -> None:
    assert errors.StaleHolderError("another was quicker").retry
    assert errors.DatabaseUnavailableError("locked").retry
    assert not errors.DamagedError("pages").retry
    assert not errors.TamperedError("a time").retry


def test_an_address_is_not_repeated_and_damage_names_the_remedy() -> None:
    assert str(errors.DatabaseUrlError("has no host")) == "database_url has no host"
    damage = errors.TamperedError("snapshot.body holds 7")
    assert damage.what == "snapshot.body holds 7"
    assert "`pricetrail verify`" in str(damage)
    assert damage.what in str(damage)
