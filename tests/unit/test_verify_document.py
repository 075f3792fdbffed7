# SPDX-License-Identifier: Apache-2.0
"""docs/threat-model.md points at tests that exist, and says in the product's words what no signature can prove."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
MENTION = re.compile(r"`(test_\w+\.py)?(?:::(\w+))?`")


def mentions() -> list[tuple[str, str]]:
    """Every (file, name) that the page points at; a name alone belongs to the file before it."""
    found: list[tuple[str, str]] = []
    for file, name in MENTION.findall(PAGE):
        if file or name:
            found.append((file or found[-1][0], name))
    return found


@pytest.mark.parametrize(("file", "name"), sorted(set(mentions())))
def test_what_the_page_points_at_exists(file: str, name: str) -> None:
    assert file in FILES
    assert re.search(rf"(def|class) {name}\b", FILES[file].read_text(encoding="utf-8")) if name else True


def test_the_page_points_at_many() -> None:
    assert len(set(mentions())) > 30


def test_what_a_signature_cannot_prove_is_written() -> None:
    text = PAGE.partition("## What a signature cannot prove")[2]
    for words in ("unmodified", "the screen was real", "human hand", "who sat there", "never a verdict"):
        assert words in text.replace("\n", " ")


def test_every_table_is_whole() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}


def test_no_page_says_that_the_key_of_an_epoch_is_destroyed() -> None:
    """It cannot be: docs/adr/0015. A session's own keys are another matter."""
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "ui" / "strings").rglob("*.py")]
    assert len(pages) > 20
    epoch = re.compile(r"epoch|review key|chiave di revisione", re.IGNORECASE)
    gone = re.compile(r"destroy|nobody (can )?opens? it any more|distrutt|nessuno la apre", re.IGNORECASE)
    said = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in pages
        if not page.name.startswith("0015-")
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
        if epoch.search(line) and gone.search(line)
    ]
    assert said == []
