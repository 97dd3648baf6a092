"""Hostile values in every parameter of every address, far more than in the suite.

`HYPOTHESIS_PROFILE=thorough` tries all of all.
"""

import pytest

from tests.support.volume import size
from tests.web.conftest import MakeClient, site_client
from tests.web.test_hostile import HOSTILE, ask_every_parameter, hostile_url

__all__ = ["hostile_url", "site_client"]  # fixtures

pytestmark = pytest.mark.slow


def test_no_value_is_a_fault_of_ours(site_client: MakeClient, hostile_url: str) -> None:
    ask_every_parameter(site_client(hostile_url), size(7, thorough=len(HOSTILE)))
