"""`pricetrail completion`: the script for a shell."""

import click

from pricetrail.completion.shells import SHELLS, script
from pricetrail.help import Command
from pricetrail.render import raw


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  eval "$(pricetrail completion bash)"      in ~/.bashrc
  eval "$(pricetrail completion zsh)"       in ~/.zshrc, after compinit
  pricetrail completion fish > ~/.config/fish/completions/pricetrail.fish
""",
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that completes commands in your shell.

    It completes commands, options and their values: sources, webhooks, models, times, files. Names
    come from the configuration and the database where the command would look for them. Nothing is
    made for it, and what goes wrong is passed over.
    """
    raw(script(shell))
