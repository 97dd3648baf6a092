"""One model under several names, as gateways list it: what is compared, and what prices usage."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property


class AliasError(ValueError):
    """A name that cannot be one of a group's; `group` is whose, and `text` what is wrong."""

    def __init__(self, group: str, text: str) -> None:
        super().__init__(f"{group}: {text}")
        self.group, self.text = group, text


@dataclass(frozen=True)
class Aliases:
    """Groups of names, each a model's: its own first, then the others. No name is in two of them.

    What is in none stands for itself.
    """

    groups: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        return {name: group for group in self.groups for name in group}

    def names(self, model: str) -> tuple[str, ...]:
        """All names of the model that one of them stands for, its own first."""
        return self._by_name.get(model, (model,))

    def main(self, model: str) -> str:
        """The model's own name."""
        return self.names(model)[0]

    def others(self, model: str) -> tuple[str, ...]:
        """The model's names but for one of them."""
        return tuple(name for name in self.names(model) if name != model)


NO_ALIASES = Aliases()


def grouped(written: Mapping[str, Iterable[str]]) -> Aliases:
    """Groups by the model's own name.

    Raises:
        AliasError: the first of the `problems`.
    """
    known = {name: tuple(others) for name, others in written.items()}
    for problem in problems(known):
        raise problem
    return Aliases(tuple((name, *others) for name, others in known.items()))


def problems(written: Mapping[str, tuple[str, ...]]) -> Iterator[AliasError]:
    """What keeps groups from being told apart, or makes one of no use."""
    owner = {name: name for name in written}
    for name, others in written.items():
        if not name.strip():
            yield AliasError(name, "has no name of its own: write the model's in quotes")
        if not others:
            yield AliasError(name, "names no other name: write one at least, or remove the line")
        for other in others:
            taken = owner.setdefault(other, name)
            if not other.strip():
                yield AliasError(name, "one of its names is empty: remove it")
            elif other == name or others.count(other) > 1:
                yield AliasError(name, f"{other!r} stands there twice: remove one of them")
                break
            elif taken == other:
                yield AliasError(name, f"{other!r} has names of its own: join the two")
            elif taken != name:
                yield AliasError(name, f"{other!r} is a name of {taken!r} too: remove one of them")
