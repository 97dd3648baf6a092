"""Ids in the paths of addresses: whatever one holds, it leads back to itself."""

from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor

_PLAIN = ":@~,;"
_STEPS = {".", ".."}


class _Whole(Convertor[str]):
    """The rest of a path as it is: Starlette's own `path` ends at a line break."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Shortest(_Whole):
    """A name that may hold slashes, up to the first place where the rest of an address fits."""

    regex = ".+?"


register_url_convertor("whole", _Whole())
register_url_convertor("shortest", _Shortest())

# The end of a route that names a model.
MODEL_ID = "/{model_id:whole}"


def escaped(path: str) -> str:
    """A path as it stands in an address; ids in it keep their slashes and colons.

    A browser takes `.` and `..` for steps, escaped or not, before it asks. So with one of them
    only the first slash stays one: `/model%2F..`.
    """
    if _STEPS.isdisjoint(path.split("/")):
        return quote(path, safe="/" + _PLAIN, errors="replace")
    return path[:1] + quote(path[1:], safe=_PLAIN, errors="replace")
