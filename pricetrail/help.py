"""The help of every command: long lists in groups, summaries whole, an example for each."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import click

# More than so many are easier found in groups; what is in none comes first.
_MANY = 6
_REST = "Options"
_GROUPS = {
    "Of what": (
        "--source --at --since --until --month --field --model --type --state --webhook --event "
        "--version --held --limit --all --label"
    ),
    # `--format` and `--model` mean something else here, and are known by their arguments' names.
    "How usage is read": ("form renamed --map --ignore --timezone --style --rate --invoice --swap"),
    "Where it is served": "--web --host --port --root-path --metrics-prices",
    "Output": "--format --as --output --out --raw --json --quiet --log-level --log-format --help",
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names.split()}


class Command(click.Command):
    """A command whose options are shown in groups where there are many."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each below what it is for."""
        _write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples: those of its own, else the group's that show it."""
        own = self.epilog or _examples_of(ctx)
        if own:
            click.Command(None, epilog=own).format_epilog(ctx, formatter)


class Group(click.Group):
    """A command with others below it, whose summaries are whole."""

    command_class = Command
    # What the commands below are for, and their names, in this order; the others come last.
    tasks: Mapping[str, Sequence[str]] = MappingProxyType({})

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        _write_options(self.get_params(ctx), ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command below with the whole first sentence of its help."""
        listed = [name for names in self.tasks.values() for name in names]
        others = [name for name in self.list_commands(ctx) if name not in listed]
        sections = {**self.tasks, "Commands": tuple(others)}
        width = max(map(len, self.commands), default=0)
        for title, names in sections.items():
            rows = [(name.ljust(width), _summary(self.commands[name])) for name in names]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def _summary(command: click.Command) -> str:
    return command.get_short_help_str(1000)


def _write_options(
    params: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    options = (param for param in params if isinstance(param, click.Option))
    records = [(param, record) for param in options if (record := param.get_help_record(ctx))]
    sections: dict[str, list[tuple[str, str]]] = {title: [] for title in (_REST, *_GROUPS)}
    for param, record in records:
        names = (str(param.name), *param.opts)
        titles = (_GROUP_OF[name] for name in names if name in _GROUP_OF)
        sections[next(titles, _REST) if len(records) > _MANY else _REST].append(record)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _examples_of(ctx: click.Context) -> str:
    """The lines of a group's examples in which one of its commands is called."""
    if ctx.parent is None:
        return ""
    lines = (ctx.parent.command.epilog or "").splitlines()
    words = f"{ctx.command_path} "
    shown = [line for line in lines if f"{line.strip()} ".startswith(words)]
    return "\n".join(["\b", "Examples:" if len(shown) > 1 else "Example:", *shown]) if shown else ""
