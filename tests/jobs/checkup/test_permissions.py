"""Who else may read secrets, or change what is recorded."""

from pathlib import Path

import pytest

from pricetrail.jobs.checkup import permissions


@pytest.mark.parametrize(
    ("mode", "secret", "said"),
    [
        (0o600, True, "pass nobody else"),
        (0o640, True, "pass nobody else"),
        (0o644, True, "fail the database holds a secret and everybody may read"),
        (0o644, False, "warn the database: everybody may read"),
        (0o664, True, "fail the database: its group may change"),
        (0o602, False, "fail the database: everybody may change"),
    ],
)
def test_a_file_that_others_may_use_is_told(
    tmp_path: Path, mode: int, secret: bool, said: str
) -> None:
    file = tmp_path / "it"
    file.touch()
    file.chmod(mode)
    found = list(permissions.look([("the database", file)], [file] if secret else []))
    assert f"{found[0].verdict} {found[0].text}".startswith(said)


def test_what_holds_no_secret_may_be_read_by_all(tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.touch(0o644)
    missing = ("the file of a key", tmp_path / "missing")
    [finding] = permissions.look([("the configuration", file), missing], [])
    assert finding.verdict == "pass"
