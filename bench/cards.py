# SPDX-License-Identifier: Apache-2.0
"""`./run python bench/cards.py [--check | --write | [--measure DIR] [--site DIR] [--only NAME]]`: cards say what is known.

Each card docs/detectors/<id>.md keeps its prose. Between markers stand, made anew by `--write`: version, family, class and
calibration; the constants with their values; why it is not evaluated and the innocent causes, in the words that people read;
what was measured. The tables of docs/evaluation.md are made alike. `--check` (as without an argument) names what differs.

A new card needs no markers: `--write` puts each block at the end of its section, and adds a section that is missing.

`--measure DIR` measures anew on the corpora in DIR, keeps what `fairwitness evaluate` and the other benches say as
docs/detectors/<name>.json, and writes; `--only` takes one of these names. What fails is named, and its figures stay.

`--site DIR` does the same for the published programs that are installed in DIR (bench/programs.in says which, and how);
those that are not there are named, and their figures stay. Without `--site` no such program is run. How long each takes:
docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import detectors  # noqa: E402 - after the path
from detectors import Detector, abstain  # noqa: E402 - after the path
from fairwitness.evaluation.figures import LEAST_SESSIONS  # noqa: E402 - after the path
from fairwitness.evaluation.measuring import evaluation_policy  # noqa: E402 - after the path
from ui.strings import LANGUAGES  # noqa: E402 - after the path

sys.path[:0] = [str(ROOT / "bench")]

import tables  # noqa: E402 - beside this file

CARDS = ROOT / "docs" / "detectors"
MEASURED = {
    "figures": ("-m", "fairwitness", "evaluate", "--corpus", "{}", "--json"),
    "cadence": ("bench/cadence.py", "--sessions", "200", "--corpus", "{}", "--json"),
    "linear": ("bench/linear.py", "--corpus", "{}/typing"),
    "pointers": ("bench/pointers.py", "{}", "--json"),
    "programs": (
        "bench/programs.py",
        "--sessions",
        "100",
        "--site",
        "{}",
        "--json",
        "--kept",
        "docs/detectors/programs.json",
    ),
}
"""What is kept as docs/detectors/<name>.json, and how it is measured; {} is the folder of corpora, or of programs."""
INSTALLED = ("programs",)
"""What is measured on programs that are installed in a folder of their own."""

TABLES = (
    ("unpaused-typing", "programs", "cadence", tables.programs),
    ("unpaused-typing", "held-back", "programs", tables.held_back),
    ("unpaused-typing", "remade", "programs", tables.remade),
    ("linear-typing", "copying", "linear", tables.copying),
    ("linear-typing", "past", "linear", tables.own_past),
    ("linear-typing", "accepting", "linear", tables.accepting),
    ("pointer-alone", "pointers", "pointers", tables.of_hands_alone),
    ("pointer-paths", "pointers", "pointers", tables.of_ways),
)
"""Page, block, whose figures, and what makes the block of them."""

EVALUATION = ROOT / "docs" / "evaluation.md"
ENGLISH = LANGUAGES["en"]

SECTIONS = {
    "numbers": "Threshold",
    "measured": "Calibration population",
    "pointers": "What was measured",
    **dict.fromkeys(("programs", "held-back", "remade"), "What programs give"),
    "abstentions": "When it is not evaluated",
    "causes": "Innocent causes",
}
"""The blocks of a card and the sections that end with them; `facts` stands below the title."""

RECORDER = {"regular-typing": frozenset(("agent.rhythm",))}
"""Where the recorder decides something that a question rests on, beside what is read of the record."""

SOURCES = {
    "klicke_compose": "KLiCKe: essays of US adults, 2022, one web logger",
    "aalto_transcribe": "sample of Dhakal et al., CHI 2018: copied sentences of some 10 s",
    "coauthor_assisted": "CoAuthor: writing with suggestions at hand",
    "pace_compose": "free answers, clock of 15.6 ms",
    "pace_transcribe": "100 copied keys, clock of 15.6 ms",
    "german_compose": "21 logs of 7 writers, which the file counts as 21 people",
    "balabit_office": "office work over remote desktop, clocks of 15.6 and 109 ms",
}
"""What a source is, beside its name. Source: the corpora's own descriptions."""

CAVEAT = f"95 % intervals over people; no rate under {LEAST_SESSIONS} sessions; where nothing was raised, people tell more"
RATES = ("raised / answered", "rate", "people with one", "windows raised / answered")

Figures = Mapping[str, Any]


class Code:
    """A detector's module, and the modules of ours that it is made of, as they are written."""

    def __init__(self, detector: Detector) -> None:
        self.module = importlib.import_module(type(detector).__module__)
        names = _imported(_tree(self.module)) | RECORDER.get(detector.id, frozenset())
        parts = (importlib.import_module(name) for name in sorted(names))
        self.modules = (self.module, *(part for part in parts if part is not self.module))
        self.trees = {module: _tree(module) for module in self.modules}

    @property
    def files(self) -> list[str]:
        """Where it is written; the catalogue as one."""
        paths = [module.__name__.replace(".", "/") + ".py" for module in self.modules]
        return list(dict.fromkeys(re.sub(r"(/catalogue/).*", r"\1", path) for path in paths))

    @property
    def weights(self) -> list[str]:
        """The classes that a finding of it may have."""
        return sorted({node.attr for node in self._nodes(ast.Attribute) if _named(node.value) == "Weight"})

    @property
    def reasons(self) -> list[str]:
        """Keys of the reasons for which it abstains."""
        found = {node.attr for node in self._nodes(ast.Attribute) if _named(node.value) == "abstain"}
        for node in self._nodes(ast.ImportFrom):
            found |= {name.name for name in node.names if node.module == "detectors.abstain"}
        for call in self._nodes(ast.Call):
            if _named(call.func) == "abstention":
                given = {keyword.arg for keyword in call.keywords}
                found |= {"ASSISTIVE", "REMOTE"}
                found |= {
                    name for name, word in (("WITHHELD", "withheld"), ("NOT_OBSERVED", "unobserved")) if word not in given
                }
        keys = {getattr(abstain, name) for name in found if isinstance(getattr(abstain, name, None), str)}
        return [key for key in abstain.REASONS if key in keys]

    def constants(self) -> Iterator[tuple[str, float, str, str]]:
        """Name, value, what it is, and its source, of every number that names a source."""
        for module in self.modules:
            source = ""
            body = self.trees[module].body
            for node, after in pairwise(body):
                text = _docstring(after)
                if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or "Source:" not in text:
                    continue
                what, _, said = text.partition("Source:")
                source = source if said.strip().startswith("as above") else said.strip().rstrip(".")
                value = getattr(module, node.target.id)
                if isinstance(value, int | float) and not node.target.id.startswith("_"):
                    yield node.target.id, value, what.strip(), source

    def _nodes(self, kind: type[Any]) -> Iterator[Any]:
        """What stands in the code of its own; the rules of abstaining are read from how they are called."""
        for module, tree in self.trees.items():
            if module is not abstain:
                yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> set[str]:
    """Modules of detectors/ that are imported from."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "detectors":
            found |= {f"detectors.{name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("detectors."):
            found.add(node.module)
    return found


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _docstring(node: ast.stmt) -> str:
    text = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else ""
    return " ".join(text.split()) if isinstance(text, str) else ""


def blocks(detector: Detector, figures: Figures) -> dict[str, str]:
    """The text of each block of a detector's card."""
    code = Code(detector)
    named = {name: getattr(detector, name) for name in ("version", "family", "calibration")}
    facts = (
        f"Version {named['version']} · family `{named['family']}` · class {' or '.join(code.weights)} · "
        f"calibration `{named['calibration']}` · code: {', '.join(f'`{file}`' for file in code.files)}"
    )
    own = f"docs/detectors/{detector.id}.md"
    rows = [
        (f"`{name}`", _number(name, value), what, source.replace(own, "this card"))
        for name, value, what, source in code.constants()
    ]
    return {
        "facts": f"{facts}\n",
        "numbers": "As the code has them:\n\n" + tables.table(("constant", "value", "what it is", "source"), rows),
        "abstentions": _list("As the trainer reads it, and nobody else:", code.reasons),
        "causes": _list("As people read them:", getattr(code.module, "ALTERNATIVES", ())),
        "measured": _measured(detector, figures),
    }


def _number(name: str, value: float) -> str:
    return f"{value:,}" if not name.endswith("_US") else f"{value:,} ({value / 1_000_000:g} s)"


def _list(head: str, keys: object) -> str:
    lines = [f"- {ENGLISH[str(key)]}" for key in keys]  # type: ignore[attr-defined] # a tuple or list of keys
    return f"{head}\n\n" + "".join(f"{line}\n" for line in lines)


def _measured(detector: Detector, figures: Figures) -> str:
    """The table of a detector's rates, source by source; a sentence where it answered nowhere."""
    told = "Measured on the corpora at hand, with the caveats of docs/evaluation.md"
    of = {name: one["detectors"][detector.id] for name, one in figures["sources"].items() if detector.id in one["detectors"]}
    if not of:
        return f"{told}: not yet.\n"
    if not any(one["answered"] for one in of.values()):
        reasons: Counter[str] = Counter()
        for one in of.values():
            reasons.update(one["reasons"])
        why = _why(dict(reasons.most_common()))
        return f"{told}: it answered in none of {reasons.total():,} sessions.\n\n" + "".join(f"- {line}.\n" for line in why)
    people = {name: (f"{one['people']:,}", f"{one['sessions']:,}") for name, one in figures["sources"].items()}
    rows = [(_source(name), *people[name], *_rates(one), "; ".join(_why(one["reasons"]))) for name, one in of.items()]
    told += f" ({CAVEAT}):\n\n" + tables.table(("source", "people", "sessions", *RATES, "not evaluated"), rows)
    return told + "".join(f"\n{line}\n" for line in _other_rules(detector, of))


def _other_rules(detector: Detector, of: Mapping[str, Figures]) -> list[str]:
    """What to say where the figures are of another threshold or calibration than the code's."""
    bare = detector.finish(detector.start(evaluation_policy()))
    other = {(one["threshold"], one["calibration"]) for one in of.values()} - {(bare.threshold, bare.calibration)}
    return [
        f"These figures are of threshold {threshold:g} and calibration `{calibration}`, which the code no longer has."
        for threshold, calibration in sorted(other)
    ]


def _rates(one: Figures) -> tuple[str, str, str, str]:
    if not one["answered"]:
        return "0 / 0", "no answer", "", ""
    return (
        f"{one['raised']:,} / {one['answered']:,}",
        _rate(one["raised"], one["raised_rate"], one["raised_ci"]),
        f"{one['people_raised']:,} of {one['people_answered']:,}{_between(one['people_ci'])}",
        f"{one['windows_raised']:,} / {one['windows_answered']:,}",
    )


def _rate(raised: int, rate: float | None, interval: list[float] | None) -> str:
    """Without its interval where nothing was raised: every draw of people is 0 there, which is no bound."""
    if rate is None:
        return "no rate"
    return _percent(rate) + (_between(interval) if raised else "")


def _why(reasons: Mapping[str, int]) -> list[str]:
    """How many were not evaluated, each reason in the words of the trainer's screen."""
    return [f"{count:,}: {ENGLISH.get(reason, reason).rstrip('.')}" for reason, count in reasons.items()]


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %"


def _between(interval: list[float] | None) -> str:
    return "" if interval is None else f" [{_percent(interval[0])} to {_percent(interval[1])}]"


def _source(name: str) -> str:
    return f"{name} ({SOURCES[name]})" if name in SOURCES else name


def evaluated(figures: Figures) -> str:
    """The tables of docs/evaluation.md."""
    sources = [
        (
            _source(name),
            f"{one['people']:,}",
            f"{one['sessions']:,}",
            f"{one['unanswered']:,}",
            *_reviews(one),
        )
        for name, one in figures["sources"].items()
    ]
    head = ("source", "people", "sessions", "no detector answered", "reviews", "people with one, exact 95 %")
    told = tables.table(head, sources) + "\n"
    rows, silent = [], []
    for detector in detectors.ALL:
        of = {name: one["detectors"].get(detector.id) for name, one in figures["sources"].items()}
        answered = [(f"`{detector.id}`", name, *_rates(one)) for name, one in of.items() if one and one["answered"]]
        rows += answered
        if not any(of.values()):
            silent.append(f"`{detector.id}` is not measured yet.")
        elif not answered:
            silent.append(f"`{detector.id}` answered in no session.")
    return told + tables.table(("question", "source", *RATES), rows) + "".join(f"\n{line}\n" for line in silent)


def _reviews(one: Figures) -> tuple[str, str]:
    """Nothing where no detector answered: that none would be opened says nothing there."""
    if one["unanswered"] == one["sessions"]:
        return "no answer", ""
    rate = _rate(one["reviews"], one["review_rate"], one["review_rate_ci"])
    return f"{one['reviews']:,}: {rate}", f"{one['people_reviewed']:,} of {one['people']:,}{_between(one['people_ci'])}"


def with_block(page: str, name: str, text: str) -> str:
    """`page` with `text` as its block `name`, put in where it has none yet.

    Raises:
        ValueError: the markers are there, but not one pair in order.
    """
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if (page.count(begin), page.count(end)) == (0, 0):
        page = _opened(page, name, begin + end)
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed or begin in rest or end in tail:
        raise ValueError(f"{name}: its markers are no pair.")
    return head + begin + text + end + tail


def _opened(page: str, name: str, markers: str) -> str:
    """`page` with empty markers at the end of their section; `facts` in place of the line of facts below the title."""
    if name == "facts":
        title, _, rest = page.partition("\n\n")
        if rest.startswith("Version "):
            rest = rest.partition("\n\n")[2]
        return f"{title}\n\n{markers}\n{rest}"
    heading = f"\n## {SECTIONS.get(name, name)}\n"
    if heading not in page:
        page = page.rstrip("\n") + f"\n{heading}"
    before, _, rest = page.partition(heading)
    section, next_heading, after = rest.partition("\n## ")
    section = section.strip("\n")
    prose = f"\n{section}\n\n" if section else "\n"
    return f"{before}{heading}{prose}{markers}{next_heading}{after}"


def pages() -> dict[Path, str]:
    """Every page as it should be."""
    figures = kept("figures")
    made: dict[Path, str] = {}
    for detector in detectors.ALL:
        path = CARDS / f"{detector.id}.md"
        page = path.read_text(encoding="utf-8")
        for name, text in blocks(detector, figures).items():
            page = with_block(page, name, text)
        made[path] = page
    for name, block, whose, make in TABLES:
        path = CARDS / f"{name}.md"
        page = made[path] if path in made else path.read_text(encoding="utf-8")
        made[path] = with_block(page, block, make(kept(whose)))
    made[EVALUATION] = with_block(EVALUATION.read_text(encoding="utf-8"), "measured", evaluated(figures))
    return made


def kept(name: str) -> Figures:
    """What was measured last."""
    told: Figures = json.loads((CARDS / f"{name}.json").read_bytes())
    return told


def measure(name: str, folder: Path) -> None:
    """Measures anew and keeps it, or keeps what was there.

    Raises:
        CalledProcessError: the bench failed.
        LookupError: its tables need a corpus that is not in `folder`.
    """
    command = [sys.executable, *(part.format(folder.resolve()) for part in MEASURED[name])]
    told = json.loads(subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout)
    for _, _, whose, make in TABLES:
        if whose == name:
            make(told)
    path = CARDS / f"{name}.json"
    gone = _parts(json.loads(path.read_bytes())) - _parts(told) if path.is_file() else set()
    if gone:
        print(f"{name}: no longer holds {', '.join(sorted(gone))}, which {folder} does not give", file=sys.stderr)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _parts(told: Figures) -> set[str]:
    """What there are figures of."""
    return {*told, *told.get("sources", ())}


def tried(name: str, folder: Path) -> bool:
    """Whether it could be measured anew; says why where it could not."""
    try:
        measure(name, folder)
    except subprocess.CalledProcessError as fault:
        why = f"it ended with {fault.returncode}"
    except LookupError as fault:
        why = f"its tables need what {folder} does not give, {fault}"
    else:
        return True
    print(f"{name}: its figures stay as they were, for {why}", file=sys.stderr)
    return False


def stale() -> list[str]:
    """Pages that are not what code and figures say."""
    return [str(path.relative_to(ROOT)) for path, page in pages().items() if path.read_text(encoding="utf-8") != page]


def main() -> None:
    """Measures and writes, or names pages that differ and fails."""
    arguments = argparse.ArgumentParser(description="What code and measurement know, in the detectors' cards.")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--measure", type=Path, metavar="DIR")
    arguments.add_argument("--site", type=Path, metavar="DIR")
    arguments.add_argument("--only", choices=sorted(MEASURED), action="append", default=[])
    chosen = arguments.parse_args()
    folders = {name: chosen.site if name in INSTALLED else chosen.measure for name in MEASURED}
    for folder in (chosen.measure, chosen.site):
        if folder is not None and not folder.is_dir():
            arguments.error(f"{folder} is no folder")
    for name in chosen.only:
        if folders[name] is None:
            arguments.error(f"--only {name} needs {'--site' if name in INSTALLED else '--measure'} DIR")
    measured = {name: folder for name, folder in folders.items() if folder is not None and name in (chosen.only or MEASURED)}
    failed = [name for name, folder in measured.items() if not tried(name, folder)]
    if chosen.write or measured:
        for path, page in pages().items():
            path.write_text(page, encoding="utf-8")
    differing = stale()
    for name in differing:
        print(f"{name}: not what the code says; `./run python bench/cards.py --write`")
    sys.exit(bool(differing or failed))


if __name__ == "__main__":
    main()
