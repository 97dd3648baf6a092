"""Whose certificates are believed."""

import shutil
from pathlib import Path

import pytest

from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.trust import trust

AUTHORITY = Path(__file__).parents[1] / "support" / "certificates" / "ca.pem"


def test_a_file_of_authorities_is_trusted_alone() -> None:
    assert len(trust(str(AUTHORITY)).get_ca_certs()) == 1
    assert len(trust().get_ca_certs()) > 1
    assert trust() is trust()


@pytest.mark.parametrize("ca_file", [__file__, "/nowhere/ca.pem", "/"])
def test_a_file_that_cannot_be_read_is_not_tried_again(ca_file: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        trust(ca_file)
    assert (caught.value.cause, caught.value.retry) == (Cause.AUTHORITIES, False)


def test_a_file_of_authorities_is_read_once_until_it_changes(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    shutil.copy(AUTHORITY, ca_file)
    first = trust(str(ca_file))
    assert trust(str(ca_file)) is first
    replacement = tmp_path / "new.pem"
    shutil.copy(AUTHORITY, replacement)
    replacement.replace(ca_file)
    assert trust(str(ca_file)) is not first
