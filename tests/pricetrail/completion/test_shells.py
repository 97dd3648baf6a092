"""The scripts, and the protocol that they speak through the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pricetrail.completion.shells import SHELLS, quoted, script

ROOT = Path(__file__).resolve().parents[3]
# Each takes longer to load than somebody waits for a key.
SLOW = {"sqlalchemy", "rich", "pydantic", "httpx", "pricetrail.cli", "pricetrail.context"}
PROGRAM = (
    "import sys\nfrom pricetrail.__main__ import main\n"
    "try:\n    main()\nfinally:\n    print('\\n'.join(sys.modules), file=sys.stderr)\n"
)


@pytest.mark.parametrize(
    ("instruction", "more", "told"),
    [
        ("bash_complete", {"COMP_LINE": "pricetrail hist"}, "plain,history\n"),
        ("zsh_complete", {"COMP_WORDS": "pricetrail hist", "COMP_CWORD": "1"}, "plain\nhistory\n"),
        ("fish_complete", {"COMP_WORDS": "pricetrail hist", "COMP_CWORD": "hist"}, "plain,history"),
        ("bash_complete", {}, ""),
    ],
)
def test_a_shell_is_answered_without_loading_a_command(
    instruction: str, more: dict[str, str], told: str
) -> None:
    asked = {"_PRICETRAIL_COMPLETE": instruction, "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        check=False,
        env=os.environ | asked,
        text=True,
    )
    assert done.stdout.startswith(told)
    assert bool(done.stdout) is bool(told)
    assert SLOW.isdisjoint(done.stderr.split())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_asks_this_program(shell: str) -> None:
    text = script(shell)
    assert f"_PRICETRAIL_COMPLETE={shell}_complete" in text
    assert "%(" not in text


def test_the_script_for_bash_is_bash_and_keeps_ids_with_colons_whole(tmp_path: Path) -> None:
    fake = tmp_path / "pricetrail"
    fake.write_text("#!/bin/sh\necho plain,openai/gpt-5:free\n", encoding="utf-8")
    fake.chmod(0o755)
    asked = (
        f"{script('bash')}\nCOMP_LINE='pricetrail price openai/gpt-5:fr rest' COMP_POINT=32\n"
        f'_pricetrail_completion {fake}\nprintf "%s" "${{COMPREPLY[@]}}"\n'
    )
    done = subprocess.run(["bash", "-c", asked], capture_output=True, check=True, text=True)
    # Bash has begun a new word at the colon, and puts this in its place.
    assert (done.stdout, done.stderr) == ("free", "")


def test_a_name_of_the_gateway_s_is_nothing_that_a_shell_runs() -> None:
    names = [
        "a$(id)b",
        "`id`",
        "a;id",
        "a'b\"c",
        "a b",
        "*",
        "~root",
        "a\\b",
        "é|#&<>(){}[]?!",
        "x,y=z:1",
    ]
    for quote in ("", "'", '"'):
        words = " ".join(f"{quote}{quoted(name, quote)}{quote}" for name in names)
        done = subprocess.run(
            ["bash", "-c", f"printf '%s\\n' {words}"], capture_output=True, check=True
        )
        assert done.stdout.decode().splitlines() == names, quote


def test_fish_is_told_of_ids_with_commas() -> None:
    assert script("fish").count('string split --max 1 ","') == 1
