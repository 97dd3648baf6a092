"""The docs as a site: `python -m tests.docs.site` writes it to `build/site`, its links checked.

In the repository a link leads from file to file, in the site from page to page; what it leads to
besides, such as a file of `deploy/`, is taken into the site.
"""

import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
# From the top of the repository to the top of the site.
_BESIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")


def build(folder: Path, texts: dict[str, str] | None = None) -> None:
    """Put the pages together below `folder` and build the site there.

    Args:
        texts: pages that are to say something else, by their place in the site.

    Raises:
        subprocess.CalledProcessError: a link leads nowhere; stdout says which.
    """
    shutil.rmtree(folder / "pages", ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder / "pages")
    shutil.copy(ROOT / "zensical.toml", folder)
    for source in _sources():
        text = (ROOT / source).read_text(encoding="utf-8")
        (folder / "pages" / _in_site(source)).write_text(
            _with_links(text, source, folder / "pages"), encoding="utf-8"
        )
    for name, text in (texts or {}).items():
        (folder / "pages" / name).write_text(text, encoding="utf-8")
    builder = Path(sys.executable).with_name("zensical")
    subprocess.run([builder, "build", "--clean", "--strict"], cwd=folder, check=True)


def pages() -> list[Path]:
    """Every page, by its place in the site."""
    return [Path(_in_site(source)) for source in _sources()]


def _sources() -> list[str]:
    docs = (page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md"))
    return [*_BESIDE, *sorted(docs)]


def _in_site(path: str) -> str:
    return _BESIDE.get(path, path.removeprefix("docs/"))


def _with_links(text: str, source: str, folder: Path) -> str:
    """The page's text with each link as it leads in the site; its files are taken along."""
    return _LINK.sub(lambda match: _link(match[0], source, folder), text)


def _link(link: str, source: str, folder: Path) -> str:
    parts = urlsplit(link)
    if parts.scheme or not parts.path:
        return link
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), parts.path))
    if (ROOT / target).is_file() and not target.startswith("docs/") and target not in _BESIDE:
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / target, folder / target)
    start = posixpath.dirname(_in_site(source)) or "."
    return parts._replace(path=posixpath.relpath(_in_site(target), start)).geturl()


if __name__ == "__main__":
    build(ROOT / "build")
