"""Values that stand elsewhere: `env:NAME` in the environment, `file:PATH` in a file.

`sealed:…` is encrypted: what decrypts it stands elsewhere (see `settings.sealing`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from pricetrail.settings.kinds import BadValueError

ENV, FILE, SEALED = "env:", "file:", "sealed:"
# What is shown of a sealed value.
HIDDEN_SEAL = f"{SEALED}***"
_LARGEST_FILE = 1024 * 1024


class MissingError(BadValueError):
    """What a reference names is not there."""


def is_reference(value: object) -> bool:
    """Whether a value is `env:NAME` or `file:PATH`."""
    return isinstance(value, str) and value.startswith((ENV, FILE))


def is_sealed(value: object) -> TypeGuard[str]:
    """Whether a value is encrypted."""
    return isinstance(value, str) and value.startswith(SEALED)


def resolved(value: Any, folder: Path, environ: Mapping[str, str]) -> Any:
    """The value with each reference in it replaced by what is there.

    A file's path is taken from the configuration's folder, its last line end is left out.

    Raises:
        MissingError: the variable is not set, the file cannot be read, no key decrypts it.
    """
    if isinstance(value, dict):
        return {name: _member(name, value[name], folder, environ) for name in value}
    if isinstance(value, list):
        return [resolved(member, folder, environ) for member in value]
    if isinstance(value, str) and value.startswith(ENV):
        return _from_environment(value.removeprefix(ENV), environ)
    if isinstance(value, str) and value.startswith(FILE):
        return _from_file(folder / value.removeprefix(FILE))
    if isinstance(value, str) and value.startswith(SEALED):
        # Only now: hardly any configuration has such a value.
        from pricetrail.settings.sealing import opened  # noqa: PLC0415 - see above

        return opened(value, folder, environ)
    return value


def files_in(value: Any, folder: Path) -> Iterator[Path]:
    """The files that a value, or what is in it, is read from."""
    if isinstance(value, str) and value.startswith(FILE):
        yield folder / value.removeprefix(FILE)
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from files_in(member, folder)


def _member(name: str, value: object, folder: Path, environ: Mapping[str, str]) -> Any:
    try:
        return resolved(value, folder, environ)
    except MissingError as error:
        raise MissingError(error.text, ".".join(filter(None, (name, error.member)))) from None


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise MissingError(
            f"the environment variable {name} is not set: set it, or write file:PATH"
        )
    return environ[name]


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
        text = content.decode()
    except OSError as error:
        raise MissingError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MissingError(f"{path} is not UTF-8 text") from None
    except ValueError:  # a null character in the path
        raise MissingError("names no file: write file:PATH") from None
    if len(content) > _LARGEST_FILE or not text.strip():
        raise MissingError(f"{path} is empty or over 1 MiB: no secret is")
    return text.removesuffix("\n").removesuffix("\r")


def as_written(text: str, given: Any, actual: Any) -> str:
    """A text that quotes values, with `env:NAME` or `file:PATH` for each that was read from there.

    One that was encrypted is `sealed:***`.

    Args:
        given: the value as written.
        actual: the same, `resolved`.
    """
    if isinstance(given, dict) and isinstance(actual, dict):
        for name, member in given.items():
            if name in actual:
                text = as_written(text, member, actual[name])
    elif isinstance(given, list):
        for member, actual_member in zip(given, actual, strict=True):
            text = as_written(text, member, actual_member)
    elif isinstance(given, str) and given != actual:
        text = text.replace(repr(actual), HIDDEN_SEAL if is_sealed(given) else given)
    return text
