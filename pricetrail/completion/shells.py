"""What each shell is told: the script that asks for completions, and the answers to it."""

import os
import re
import shlex
import sys

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
)

from pricetrail.completion.tree import program

VARIABLE = "_PRICETRAIL_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_NAME = "pricetrail"

# As click's own, but for ids with a colon or an equals sign in them: bash takes these for the ends
# of words, so the whole line is asked about, and of each answer what stands there is cut off.
_BASH = """\
%(complete_func)s() {
    local line="${COMP_LINE:0:COMP_POINT}" response type value word cut
    response=$(env COMP_LINE="$line" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    word="${line##*[[:space:]]}"
    cut="${word%%"${word##*[:=]}"}"
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames 2>/dev/null ;;
            file) COMPREPLY=(); compopt -o default 2>/dev/null ;;
            plain) COMPREPLY+=("${value#"$cut"}") ;;
        esac
    done <<< "$response"
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""


class _Bash(BashComplete):
    """Bash, asked with the whole line up to the cursor."""

    source_template = _BASH

    def source(self) -> str:
        """The script; which bash will run it is not looked at, as it may be another machine's."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is being written, and that one."""
        line = os.environ["COMP_LINE"]
        words = _split(line)[0][1:]
        begun = line[-1:].isspace() or not words
        return (words, "") if begun else (words[:-1], words[-1])

    def format_completion(self, item: CompletionItem) -> str:
        """An answer as it stands on a line: bash puts it there as it is, and would run `$(…)`."""
        quote = _split(os.environ["COMP_LINE"])[1]
        return f"{item.type},{quoted(str(item.value), quote)}"


def quoted(value: str, quote: str) -> str:
    """A value that bash reads as it is, in a word that began with that quote, or with none."""
    if quote == "'":
        return value.replace("'", r"'\''")
    special = r'["$`\\]' if quote else r"[^\w@%+=:,./-]"
    return re.sub(special, r"\\\g<0>", value)


def _split(line: str) -> tuple[list[str], str]:
    """The words of a line, and the quote that the last one began with, if any."""
    for end in ("", "'", '"'):
        try:
            return shlex.split(line + end), end
        except ValueError:
            continue
    return line.split(), ""


class _Fish(FishComplete):
    """Fish, with whole ids: click's own cuts them at a comma."""

    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


add_completion_class(_Bash)
add_completion_class(_Fish)


def script(shell: str) -> str:
    """What a shell is to run at its start."""
    chosen = get_completion_class(shell)
    assert chosen is not None  # noqa: S101 - one of `SHELLS`
    return chosen(program(), {}, _NAME, VARIABLE).source()


def answer() -> None:
    """Print what the shell asked for, and end; in silence whatever goes wrong."""
    # A pager that was closed, or a value that is odd, is nobody's concern while a key is pressed.
    try:
        code = shell_complete(program(), {}, _NAME, VARIABLE, os.environ[VARIABLE])
    except Exception:  # noqa: BLE001 - see above
        code = 1
    sys.exit(code)
