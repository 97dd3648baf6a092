"""`python -m tests.docs.reference` writes the reference anew."""

from tests.docs.reference.pages import FOLDER, PAGES

for name, text in PAGES.items():
    (FOLDER / name).write_text(text(), encoding="utf-8")
