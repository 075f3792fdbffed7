# SPDX-License-Identifier: Apache-2.0
"""`python bench/catalogue.py [--json] [--here] [--write]`: how often an ordinary title is taken for a tool, and the cost.

The titles are those of detectors/catalogue/ordinary.py. `--here` adds what this machine holds, other on each: names and
descriptions of packages, titles of installed pages, translated texts of programs. `--write` first makes
detectors/catalogue/catalogue.json of the reviewed files. Bar: 1 in 10,000.
"""

from __future__ import annotations

import gettext
import html
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from detectors.catalogue.match import Matcher, shipped  # noqa: E402 - after the path
from detectors.catalogue.ordinary import ordinary_titles, shown  # noqa: E402 - after the path
from detectors.catalogue.sources import compiled, read  # noqa: E402 - after the path

SOURCES = ROOT / "detectors" / "catalogue"
BAR = 1 / 10_000
TITLE = re.compile(r"<title[^>]*>([^<]{2,200})</title>", re.IGNORECASE)


def packages() -> Iterator[str]:
    """Name with description, and the description alone, of what the package lists of this machine hold."""
    if shutil.which("apt-cache"):
        told = subprocess.run(
            ["apt-cache", "dumpavail"], capture_output=True, encoding="utf-8", errors="replace", check=True
        ).stdout
        name = ""
        for line in told.splitlines():
            field, _, value = line.partition(": ")
            if field == "Package":
                name = value
            elif field in {"Description", "Description-en"}:
                yield f"{name} - {value}"
                yield value


def pages() -> Iterator[str]:
    """Titles of the pages that are installed as documentation."""
    for folder in (Path("/usr/share/doc"), Path(sys.base_prefix) / "share" / "doc"):
        for file in folder.rglob("*.html"):
            found = TITLE.search(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
            if found:
                yield html.unescape(found[1])


def translations() -> Iterator[str]:
    """Short texts of installed programs in every language that is here."""
    for file in Path("/usr/share/locale").rglob("*.mo"):
        try:
            with file.open("rb") as stream:
                catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]  # noqa: SLF001 - no other way
        except (OSError, ValueError, IndexError):
            continue
        yield from (
            text for text in catalog.values() if isinstance(text, str) and 2 <= len(text) <= 200 and "\n" not in text
        )


def measured(titles: list[str]) -> dict[str, object]:
    """Rate of false matches over `titles`, and CPU microseconds for each."""
    windows = list(shown(titles))
    begun = time.process_time()
    matcher = Matcher(shipped())
    ready = time.process_time()
    met = [(title, match.name) for app, title in windows for match in (matcher(app, title),) if match is not None]
    asked = time.process_time()
    return {
        "titles": len(titles),
        "false_matches": len(met),
        "rate": len(met) / len(titles),
        "ready_cpu_ms": round((ready - begun) * 1e3, 1),
        "cpu_us_per_title": round((asked - ready) / len(titles) * 1e6, 1),
        "met": met[:20],
    }


def main() -> None:
    """Prints what was measured; fails beyond the bar."""
    if "--write" in sys.argv[1:]:
        (SOURCES / "catalogue.json").write_bytes(compiled(read(SOURCES)))
    catalogue = shipped()
    told: dict[str, object] = {"version": catalogue.version, "tools": len(catalogue.tools)}
    told["ordinary"] = ordinary = measured(ordinary_titles(catalogue.tools))
    if "--here" in sys.argv[1:]:
        told["here"] = measured(list(dict.fromkeys((*packages(), *pages(), *translations()))))
    print(json.dumps(told, ensure_ascii=False, indent=None if "--json" in sys.argv[1:] else 1))
    if float(str(ordinary["rate"])) > BAR:
        sys.exit(1)


if __name__ == "__main__":
    main()
