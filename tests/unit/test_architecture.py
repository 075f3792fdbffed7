# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its own rules, and each rule is seen to catch a seeded violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import architecture_rules as rules
import msgspec
import pytest

from session.events import Payload
from session.policy import Policy
from session.table import TYPES

ROOT = Path(__file__).resolve().parents[2]


def seeded(tmp_path: Path, name: str, text: str) -> Path:
    """A tree with one module of each package, and `text` in `name`."""
    for package in rules.PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text('"""Package."""\n', encoding="utf-8")
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return tmp_path


def test_no_file_is_too_long() -> None:
    assert rules.too_long(ROOT) == []


def test_a_long_file_is_caught(tmp_path: Path) -> None:
    assert rules.too_long(seeded(tmp_path, "agent/deep.py", "x = 1\n" * 501)) == ["agent/deep.py: 501 lines"]


def test_there_is_a_line_of_test_for_each_line_of_product() -> None:
    assert rules.lines_of(ROOT, ("tests",)) >= rules.lines_of(ROOT, rules.PACKAGES)


def test_the_page_counts_every_package() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("<!-- tree -->")[1]
    assert [package for package in rules.PACKAGES if f"| {package} | " not in page] == []


def test_no_empty_names_and_no_accusing_words() -> None:
    assert rules.banned_names(ROOT) == []


@pytest.mark.parametrize(("name", "text"), [("agent/utils.py", "x = 1\n"), ("ui/words.py", 'TEXT = "suspicious typing"\n')])
def test_empty_names_and_accusing_words_are_caught(tmp_path: Path, name: str, text: str) -> None:
    assert len(rules.banned_names(seeded(tmp_path, name, text))) == 1


def test_habits_are_kept() -> None:
    assert rules.broken_habits(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("agent/recorder.py", "import time\nx = time.time()\n"),
        ("uploader/client.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
        ("agent/capture/child.py", "def f(shot):\n    return shot.rgb\n"),
    ],
)
def test_broken_habits_are_caught(tmp_path: Path, name: str, text: str) -> None:
    assert len(rules.broken_habits(seeded(tmp_path, name, text))) == 1


def test_root_packages_are_ours_alone() -> None:
    assert rules.foreign_owners() == []


def test_a_foreign_owner_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "agent-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: agent\nVersion: 1.0\n", encoding="utf-8")
    (record / "top_level.txt").write_text("agent\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [found.split(":")[0] for found in rules.foreign_owners()] == ["agent"]


def expected_fields() -> dict[str, str]:
    """Every field of every payload and whether the format encrypts it."""
    expected: dict[str, str] = {}
    for rule in TYPES.values():
        parts = [(rule.body, "private" if rule.sealed else "public"), (rule.public, "public")]
        for schema, access in parts:
            if schema is not None:
                for nested in rules.nested_payloads(schema):
                    expected |= {f"{nested.__name__}.{field}": access for field in nested.__struct_fields__}
    return expected


def privacy_page() -> str:
    return (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_the_privacy_page_lists_every_field_and_nothing_else() -> None:
    assert rules.documented_fields(privacy_page()) == expected_fields()


def test_a_field_without_its_line_is_caught() -> None:
    page = "\n".join(line for line in privacy_page().splitlines() if "`Stats.pauses`" not in line)
    assert rules.documented_fields(page) != expected_fields()
    swapped = privacy_page().replace(
        "| `Stats.pauses` | intervals between keystrokes, counted in 6 coarse bins | private |",
        "| `Stats.pauses` | x | public |",
    )
    assert rules.documented_fields(swapped) != expected_fields()


class _Inner(Payload, frozen=True, array_like=True):
    deep: int


class _Outer(Payload, frozen=True, array_like=True):
    parts: tuple[_Inner, ...]


def test_a_new_nested_field_would_be_missed_by_no_one() -> None:
    assert [nested.__name__ for nested in rules.nested_payloads(_Outer)] == ["_Outer", "_Inner"]


def test_the_privacy_page_lists_every_policy_field() -> None:
    page = privacy_page().split("## Policy")[1].split("##")[0]
    listed = [line.split("|")[1].strip().strip("`") for line in page.splitlines() if line.startswith("| `")]
    assert listed == list(rules.policy_fields(Policy))


def test_no_payload_has_room_for_what_was_typed() -> None:
    words = ("keysym", "keycode", "character", "typed", "clipboard_text", "content")
    names = [name for name in expected_fields() if any(word in name.lower() for word in words)]
    assert names == []


LAYER_SEEDS = {
    "session/reach.py": "import agent\n",
    "agent/reach.py": "import uploader\n",
    "detectors/reach.py": "import ui\n",
    "agent/qt.py": "import PySide6.QtCore\n",
    "session/log/__init__.py": "import session.journal\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LAYER_SEEDS))
def test_import_linter_catches_a_seeded_arrow_back(tmp_path: Path, name: str) -> None:
    for package in rules.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / name
    path.write_text(LAYER_SEEDS[name] + (path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [sys.executable, lint, "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert "BROKEN" in ran.stdout


NONE_REFERENCES = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QObject
thing = QObject()
before = sys.getrefcount(None)
for _ in range(2000):
    thing.setObjectName("a")
print(before - sys.getrefcount(None))
"""


def test_qt_loses_no_reference_to_none() -> None:
    """PySide6 6.12 on Python 3.11 loses one per void call and aborts after about 4,000. Source: docs/adr/0002."""
    ran = subprocess.run([sys.executable, "-c", NONE_REFERENCES], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 100


def test_the_none_reference_test_would_see_the_loss() -> None:
    lose = "ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))"
    # left by _exit: an interpreter that has lost None cannot end in the ordinary way
    seeded_loss = NONE_REFERENCES.replace('thing.setObjectName("a")', lose) + "sys.stdout.flush(); os._exit(0)"
    ran = subprocess.run([sys.executable, "-c", "import ctypes" + seeded_loss], capture_output=True, text=True, check=True)
    assert int(ran.stdout) >= 1000


def test_the_pinned_qt_is_below_the_broken_one() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    line = next(line for line in lock.splitlines() if line.startswith("pyside6-essentials=="))
    assert tuple(int(part) for part in line.split("==")[1].split()[0].split(".")[:2]) < (6, 12)


def test_no_lock_names_an_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock"):
        assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_payload_rows_decode_as_arrays() -> None:
    for rule in TYPES.values():
        for schema in (rule.body, rule.public):
            if schema is not None:
                assert schema.__struct_config__.array_like
                assert schema.__struct_config__.frozen
                assert msgspec.inspect.type_info(schema)
