"""One body, read: which models it holds, each with its own text and hash.

Reading is strict and does no more than it must: where the body before is at hand, a model whose
text stands there letter for letter has been read already, and only the others are parsed.
"""

import json
import re
from array import array
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from pricetrail.catalog import merkle
from pricetrail.catalog.documents import MAX_NAME_BYTES, Document, check_names, model_hash, model_id
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import check_text, decode, decoder, loads

_SPACE = re.compile(r"[ \t\n\r]*")
_ANOTHER_GATEWAY = ": a list of another gateway than PipeLLM is read by its `dialect`"


@dataclass(slots=True)
class Limits:
    """What a catalog may hold at most; `name_bytes` of a field's path, None for any."""

    models: int = 50_000
    name_bytes: int | None = MAX_NAME_BYTES


@dataclass
class Catalog:
    """A catalog as served: `text` and, per model in its order, id, span and Merkle leaf."""

    text: str
    ids: list[str] = field(default_factory=list)
    spans: "array[int]" = field(default_factory=lambda: array("I"))
    leaves: list[bytes] = field(default_factory=list)
    # Of models that differ from the catalog before: parsed while reading, until they are taken.
    parsed: dict[str, Document] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def position(self) -> dict[str, int]:
        """Where a model stands, by id."""
        return {model: index for index, model in enumerate(self.ids)}

    def text_at(self, index: int) -> str:
        """The model's JSON as served."""
        return self.text[self.spans[2 * index] : self.spans[2 * index + 1]]

    def text_of(self, model: str) -> str:
        """The model's JSON as served, by id."""
        return self.text_at(self.position[model])

    def document(self, model: str) -> Document:
        """The model's document, exact."""
        document: Document = loads(self.text_of(model))
        return document

    def take(self, model: str) -> Document:
        """The model's document, which is not kept here any longer if reading had left it."""
        document = self.parsed.pop(model, None)
        return self.document(model) if document is None else document

    @cached_property
    def order(self) -> list[int]:
        """The models' indexes by order of id (as code points, so as UTF-8 bytes)."""
        return sorted(range(len(self.ids)), key=self.ids.__getitem__)

    def ordered_leaves(self) -> list[bytes]:
        """The Merkle leaves in order of model id."""
        return [self.leaves[index] for index in self.order]

    @cached_property
    def tree(self) -> merkle.Tree:
        """The Merkle tree over the models, in order of their ids."""
        return merkle.tree(self.ordered_leaves())

    def root(self, before: "Catalog | None" = None) -> bytes:
        """The catalog root: equal exactly where the catalogs are the same.

        Args:
            before: a catalog whose tree is at hand, to work out only what is different in this.
        """
        if "tree" not in self.__dict__ and before is not None and "tree" in before.__dict__:
            self._grow(before)
        return merkle.root_of(self.tree)

    def _grow(self, before: "Catalog") -> None:
        if self.ids != before.ids:
            return
        self.order = before.order
        pairs = zip(before.tree[0], self.ordered_leaves(), strict=True)
        others = {index: now for index, (was, now) in enumerate(pairs) if was != now}
        self.tree = merkle.replaced(before.tree, others)

    def add(self, model: str, leaf: bytes, start: int, end: int) -> None:
        """Append one model."""
        self.ids.append(model)
        self.leaves.append(leaf)
        self.spans.append(start)
        self.spans.append(end)


def read(body: bytes, before: Catalog | None = None, limits: Limits | None = None) -> Catalog:
    """Read a body of PipeLLM's unified schema (`object`, `data`, `total`), strictly.

    Args:
        body: the bytes as served; one leading byte order mark passes.
        before: the catalog of an earlier body of the same source, to save work.
        limits: caps on what is read.

    Raises:
        CatalogError: not JSON, not this schema, truncated, an id twice, over a limit.
    """
    text = decode(body)
    try:
        catalog, root = _Reader(text, before, limits or Limits()).read()
    except json.JSONDecodeError as error:
        raise CatalogError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise CatalogError("JSON nested too deeply") from None
    _check(catalog, root)
    return catalog


def _check(catalog: Catalog, root: dict[str, object]) -> None:
    if root.get("object") != "list":
        given = _brief(root["object"]) if "object" in root else "missing"
        raise CatalogError(f'`object` is {given}, not "list"{_ANOTHER_GATEWAY}')
    total = root.get("total")
    if type(total) is not int or total != len(catalog):
        if "total" not in root:
            raise CatalogError(
                f"truncated, or no list of PipeLLM's: `total` is missing{_ANOTHER_GATEWAY}"
            )
        given = _brief(total)
        raise CatalogError(f"truncated: `total` is {given}, `data` has {len(catalog)} models")
    if len(set(catalog.ids)) != len(catalog):
        in_order = sorted(catalog.ids)
        twice = next(model for model, other in pairwise(in_order) if model == other)
        raise CatalogError(f"the model {twice!r} is listed twice")


def _brief(value: object) -> str:
    return repr(value)[:60]


class _Reader:
    """Walks the root object and the `data` array; every value goes through the strict decoder."""

    def __init__(self, text: str, before: Catalog | None, limits: Limits) -> None:
        self.text = text
        self.before = before or Catalog("")
        self.limits = limits
        self.catalog = Catalog(text)
        self.next_known = 0

    def read(self) -> tuple[Catalog, dict[str, object]]:
        """Read the catalog, and the root's other members."""
        root: dict[str, object] = {}
        position = self._skip(0)
        if self.text[position : position + 1] != "{":
            value, _ = decoder.raw_decode(self.text, position)
            raise CatalogError(
                f"the answer is {_brief(value)}, not an object with `data`{_ANOTHER_GATEWAY}"
            )
        position = self._skip(position + 1)
        while self.text[position : position + 1] != "}":
            position = self._member(root, position)
        if self._skip(position + 1) != len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, position + 1)
        if "data" not in root:
            raise CatalogError(f"`data` is missing{_ANOTHER_GATEWAY}")
        return self.catalog, root

    def _member(self, root: dict[str, object], position: int) -> int:
        key, position = decoder.raw_decode(self.text, position)
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a property name", self.text, position)
        if key in root:
            raise CatalogError(f"the key {key[:80]!r} appears twice in one JSON object")
        position = self._skip(self._expect(":", self._skip(position)))
        if key == "data":
            root[key] = None
            position = self._data(position)
        else:
            root[key], end = decoder.raw_decode(self.text, position)
            check_text(self.text[position:end], root[key])
            position = end
        return self._after(position, "}")

    def _data(self, position: int) -> int:
        if self.text[position : position + 1] != "[":
            value, _ = decoder.raw_decode(self.text, position)
            raise CatalogError(f"`data` is {_brief(value)}, not an array")
        position = self._skip(position + 1)
        while self.text[position : position + 1] != "]":
            position = self._model(position)
            if len(self.catalog) > self.limits.models:
                raise CatalogError(f"more than {self.limits.models} models (max_models)")
            position = self._after(position, "]")
        return position + 1

    def _model(self, start: int) -> int:
        run = self._unchanged_run(start)
        if run == 0:
            return self._new_model(start)
        first, last = self.next_known, self.next_known + run
        shift = start - self.before.spans[2 * first]
        self.catalog.ids += self.before.ids[first:last]
        self.catalog.leaves += self.before.leaves[first:last]
        spans = self.before.spans[2 * first : 2 * last]
        self.catalog.spans.extend([offset + shift for offset in spans] if shift else spans)
        self.next_known = last
        return self.catalog.spans[-1]

    def _unchanged_run(self, start: int) -> int:
        """How many of the next known models stand at `start` letter for letter, in a row.

        A JSON object delimits itself: the same letters at the place of an element are the same
        models with the same commas between them.
        """
        matched, step = 0, 1
        while step:
            if self._same_as_before(start, matched, matched + step):
                matched, step = matched + step, step * 2
            else:
                step = min(step, len(self.before) - self.next_known - matched) // 2
        return matched

    def _same_as_before(self, start: int, matched: int, wanted: int) -> bool:
        """Whether the run, known to be `matched` long, goes on up to `wanted`."""
        first, spans = self.next_known, self.before.spans
        if first + wanted > len(self.before):
            return False
        origin = spans[2 * first]
        begin = spans[2 * (first + matched) - 1] if matched else origin
        as_before = self.before.text[begin : spans[2 * (first + wanted) - 1]]
        return self.text.startswith(as_before, start + begin - origin)

    def _new_model(self, start: int) -> int:
        document, end = decoder.raw_decode(self.text, start)
        text = self.text[start:end]
        check_text(text, document)
        model = model_id(document)
        most = self.limits.name_bytes
        # No name is longer than the text that holds it, but for what a path escapes.
        longest = len(text) + text.count("~") + text.count("/")
        if most is not None and not (text.isascii() and longest <= most):
            check_names(document, most)
        known = self.before.position.get(model)
        if known is not None:
            self.next_known = known + 1
        if known is not None and self.before.text_at(known) == text:
            leaf = self.before.leaves[known]
        else:
            leaf = merkle.leaf(model, model_hash(document))
            # Of a first catalog every model would be: too much for a large one.
            if len(self.before):
                self.catalog.parsed[model] = document
        self.catalog.add(model, leaf, start, end)
        return end

    def _after(self, position: int, closing: str) -> int:
        """Behind a member: on a comma to the next one, or onto the closing bracket."""
        position = self._skip(position)
        if self.text[position : position + 1] == closing:
            return position
        following = self._skip(self._expect(",", position))
        if self.text[following : following + 1] == closing:
            raise json.JSONDecodeError("Trailing comma", self.text, position)
        return following

    def _expect(self, character: str, position: int) -> int:
        if self.text[position : position + 1] != character:
            raise json.JSONDecodeError(f"Expecting {character!r}", self.text, position)
        return position + 1

    def _skip(self, position: int) -> int:
        # Most bodies are compact: look before asking the pattern.
        if self.text[position : position + 1] not in " \t\n\r":
            return position
        return _SPACE.match(self.text, position).end()  # type: ignore[union-attr]  # matches ""
