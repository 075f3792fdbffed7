# SPDX-License-Identifier: Apache-2.0
"""`python bench/tree.py`: files and lines per package, the longest file, and the ratio of test to product lines.

Prints the table of docs/architecture.md; `--write` puts it there. Counts every line of every Python file.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fairwitness", "session", "detectors", "agent", "uploader", "server", "ui")
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- tree -->\n", "<!-- /tree -->\n"


def counted(folder: str) -> tuple[int, int, int]:
    """Files, lines, and lines of the longest file."""
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in sorted((ROOT / folder).rglob("*.py"))]
    return len(lines), sum(lines), max(lines)


def table() -> str:
    """The table in Markdown."""
    rows = {name: counted(name) for name in (*PACKAGES, "tests", "bench")}
    product = sum(rows[name][1] for name in PACKAGES)
    lines = ["| package | files | lines | longest file |", "|---|---|---|---|"]
    lines += [f"| {name} | {files} | {total:,} | {longest} |" for name, (files, total, longest) in rows.items()]
    lines.append(f"\nProduct {product:,} lines, tests {rows['tests'][1]:,}: ratio {rows['tests'][1] / product:.2f}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints the table, and with `--write` puts it into the page."""
    text = table()
    print(text, end="")
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        PAGE.write_text(head + BEGIN + text + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
