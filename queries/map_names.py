"""Which model of a gateway is meant by a name in somebody's map of prices."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pricetrail.text.renames import Rename, renamed


def _itself(name: str) -> Iterable[str]:
    return (name,)


@dataclass(frozen=True, slots=True)
class Names:
    """How names are told: by what a person said, else exactly, behind the source's name, by alias.

    Args:
        renames: what names in the map are at the gateway, as globs.
        all_of: all names of the model that one of them stands for.
    """

    renames: Sequence[Rename] = ()
    all_of: Callable[[str], Iterable[str]] = _itself

    def pairs(
        self, names: Iterable[str], ids: Collection[str], source: str
    ) -> Iterator[tuple[str, str]]:
        """Each name that is one of the gateway's models, with that model's id.

        Args:
            source: whose models they are: what is exported has it before their ids.
        """
        said: dict[str, str] = {}
        others: list[str] = []
        for name in names:
            known = renamed(name, self.renames)
            if known != name and known in ids:
                said[name] = known
            else:
                others.append(name)
        yield from said.items()
        # What a person said of a model goes before another's name that happens to be its id.
        taken = set(said.values())
        for name in others:
            bare = name.removeprefix(f"{source}/")
            every = (name, bare, *self.all_of(name), *self.all_of(bare))
            meant = next((one for one in every if one in ids), None)
            if meant is not None and meant not in taken:
                yield name, meant
