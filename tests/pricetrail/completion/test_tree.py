"""The commands as completion knows them: those that there are, and what each parameter takes."""

from pricetrail.commands.registry import REGISTRY
from pricetrail.completion.tree import FILE, program
from tests.pricetrail.completion import tree_file
from tests.pricetrail.completion.asking import answers


def test_completion_knows_the_commands_of_this_version() -> None:
    assert FILE.read_text(encoding="utf-8") == tree_file.text(), "run `make completion`"
    assert list(program().commands) == [entry.name for entry in REGISTRY]


def test_commands_options_and_choices_are_completed() -> None:
    assert answers("pricetrail ex") == ["explain", "export"]
    assert answers("pricetrail zz") == []
    assert answers("pricetrail --log") == ["--log-level", "--log-format"]
    assert answers("pricetrail price gpt-5 --f") == ["--field"]
    assert answers("pricetrail export --format ") == ["csv", "jsonl", "parquet"]
    assert answers("pricetrail events --type model.re") == ["model.removed", "model.repriced"]
    assert answers("pricetrail deliveries list --state de") == ["delivered", "dead"]
    assert answers("pricetrail snapshots ") == ["show"]
    assert answers("pricetrail diff y") == ["yesterday"]
    assert answers("pricetrail evidence ch") == ["check"]


def test_files_are_left_to_the_shell() -> None:
    for line in ("--config ", "audit ", "audit u.csv --invoice ", "import ", "evidence check "):
        assert answers(f"pricetrail {line}", "file") == [""], line
