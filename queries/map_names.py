"""Which model of a gateway is meant by a name in somebody's map of prices."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pricetrail.text.renames import Rename, renamed


@dataclass(frozen=True, slots=True)
class Names:
    """How names are told: by what a person said, else exactly, behind the source's name, by alias.

    Args:
        renames: what names in the map are at the gateway, as globs.
        aliases: other names of a model, by one of its names.
    """

    renames: Sequence[Rename] = ()
    aliases: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def pairs(
        self, names: Iterable[str], ids: Collection[str], source: str
    ) -> Iterator[tuple[str, str]]:
        """Each name that is one of the gateway's models, with that model's id.

        Args:
            source: whose models they are: what is exported has it before their ids.
        """
        said: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for name in names:
            known = renamed(name, self.renames)
            (said if known != name else others).append((name, known))
        found = [(name, known) for name, known in said if known in ids]
        yield from found
        # What a person said of a model goes before another's name that happens to be its id.
        taken = {known for _, known in found}
        groups = self._groups()
        for name, _ in [pair for pair in (*said, *others) if pair not in found]:
            bare = name.removeprefix(f"{source}/")
            every = (name, bare, *groups.get(name, ()), *groups.get(bare, ()))
            meant = next((one for one in every if one in ids), None)
            if meant is not None and meant not in taken:
                yield name, meant

    def _groups(self) -> dict[str, list[str]]:
        """All the names of a model by each of them."""
        groups: dict[str, list[str]] = {}
        for name, others in self.aliases.items():
            every = [name, *others]
            for one in every:
                groups.setdefault(one, []).extend(every)
        return groups
