"""How a file of usage is to be read, where it does not show it itself: what a person said of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache

from pricetrail.audit.usage import columns, currencies
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.formats.format import Format, key
from pricetrail.audit.usage.formats.registry import FORMATS, NAMES
from pricetrail.audit.usage.quantities import DISJOINT
from pricetrail.catalog import bills
from pricetrail.catalog.times import find_zone
from pricetrail.text.globs import matches
from pricetrail.text.renames import Rename, parse_rename, renamed

# The roles that `--map` knows, besides every name that a column may have.
ROLES = {
    name: name
    for name in (
        *(columns.TIME, columns.END, columns.MODEL, columns.SERVICE, columns.BATCH),
        *(columns.WINDOW, columns.TOTAL, columns.REQUEST_ID, columns.COST, columns.CURRENCY),
        *columns.LABELS,
        *bills.PATHS,
        *(bills.SECONDS, bills.REQUESTS, bills.WEB_SEARCHES, bills.INPUT_AUDIO, bills.OUTPUT_AUDIO),
    )
}


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a person said of files of usage.

    Args:
        style: how wholes stand to their parts where a row does not show it; see `quantities`.
        rates: what one of another currency is worth in USD.
        format: the name of the format; None to tell it by the file itself.
        roles: what columns hold, by their keys, whatever they are called.
        ignored: columns that are left out, by their keys; `*` is any run of characters.
        zone: of times without their offset, and of days, where the format does not say.
        models: names of models as globs, and the names that are put in their place.
        inside: objects whose members were named, such as `llm` by `llm.tokens_in=prompt`.
    """

    style: str = DISJOINT
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    format: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    zone: tzinfo | None = None
    models: tuple[Rename, ...] = ()
    inside: frozenset[str] = frozenset()

    @classmethod
    def parse(
        cls,
        style: str = DISJOINT,
        rates: Iterable[str] = (),
        form: str | None = None,
        maps: Iterable[str] = (),
        ignored: Iterable[str] = (),
        timezone: str | None = None,
        models: Iterable[str] = (),
    ) -> "ReadingOptions":
        """Read what was given as texts, such as `EUR=1.08`, `tok_in=prompt` and `old-*=new-*`.

        Raises:
            UsageFileError: a text says something else, or two contradict each other.
        """
        if form is not None and form not in NAMES:
            raise UsageFileError(f"--format {form!r}: must be one of {', '.join(NAMES)}")
        mapped, left = tuple(maps), tuple(ignored)
        return cls(
            style,
            currencies.rates(rates),
            form,
            _roles(mapped),
            frozenset("*".join(map(key, text.split("*"))) for text in left),
            None if timezone is None else _zone(timezone),
            tuple(map(_rename, models)),
            frozenset(
                text[:index]
                for text in (*(each.rpartition("=")[0] for each in mapped), *left)
                for index, sign in enumerate(text)
                if sign == "."
            ),
        )

    @property
    def known_format(self) -> Format | None:
        """The format that was named; None where none was, or one that is no export."""
        return FORMATS.get(self.format) if self.format is not None else None

    def role(self, column: str) -> str | None:
        """What a person said that a column holds; None where nobody did."""
        if not self.roles and not self.ignored:
            return None
        name = key(column)
        if name in self.roles:
            return self.roles[name]
        if name in self.ignored or any(matches(glob, name) for glob in self.ignored if "*" in glob):
            return columns.IGNORED
        return None

    def model(self, name: str) -> str:
        """The name that stands for a model's; the first glob that matches says it."""
        return _renamed(self.models, name) if self.models else name


DEFAULTS = ReadingOptions()


def _roles(texts: Iterable[str]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for text in texts:
        column, _, name = (part.strip() for part in text.rpartition("="))
        role = ROLES.get(name.lower().replace(" ", "_").replace("-", "_"))
        if role is None and name:
            role = columns.find_role(name)
        if not column or not role:
            raise UsageFileError(
                f"--map {text!r}: write column=role; a role is one of {', '.join(ROLES)}, or a "
                "price path such as /pricing/generation/image/per_step"
            )
        if roles.setdefault(key(column), role) != role:
            raise UsageFileError(f"--map: {column} has two roles")
    return roles


def _zone(name: str) -> tzinfo:
    zone = find_zone(name.strip())
    if zone is None:
        raise UsageFileError(
            f"--timezone {name!r}: no such time zone; write it as Europe/Berlin or UTC"
        )
    return zone


def _rename(text: str) -> Rename:
    try:
        return parse_rename(text)
    except ValueError as error:
        raise UsageFileError(f"--model {error}") from None


@lru_cache(maxsize=4096)
def _renamed(models: tuple[Rename, ...], name: str) -> str:
    return renamed(name, models)
