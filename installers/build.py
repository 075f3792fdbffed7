# SPDX-License-Identifier: Apache-2.0
"""Freezes the desktop program and packs it for this system: `./run python installers/build.py`.

Rules:

1. Needs nothing but this tree, its .venv and a network: the tools come by hash from requirements-freeze.lock into a
   folder of their own, so that what freezes is never part of what is frozen.
2. The version is pyproject.toml's. The time of every file is that of the last commit, so that building the same commit
   with the same Python again gives the same bytes.
3. Everything it makes is below the output folder (`dist`) and `build`, which git ignores.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TOOLS: Final = ROOT / "build" / "freeze-tools"
LOCK: Final = ROOT / "requirements-freeze.lock"
ICON_SIZES_PX: Final = (16, 22, 24, 32, 48, 64, 128, 256)
PACKAGES: Final = ("deb", "rpm")
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Made:
    """What a build left: the frozen folder, and the packages of this system."""

    folder: Path
    packages: tuple[Path, ...]

    @property
    def program(self) -> Path:
        """The frozen program."""
        return self.folder / ("fairwitness.exe" if sys.platform == "win32" else "fairwitness")


def version() -> str:
    """The one version, pyproject.toml's."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def commit_time_s() -> int:
    """SOURCE_DATE_EPOCH where it is set, else the time of the last commit; 0 where there is no history."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named:
        return int(named)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(done.stdout.strip() or 0) if done.returncode == 0 else 0


def tools() -> Path:
    """The folder with PyInstaller and nfpm, installed once for each lock."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = TOOLS / "lock.sha256"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        shutil.rmtree(TOOLS, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
        _call([*pip, "--only-binary", ":all:", "--target", str(TOOLS), "-r", str(LOCK)])
        stamp.write_text(wanted, encoding="ascii")
    return TOOLS


def freeze(out: Path) -> Path:
    """The frozen program as a folder, with its Python stripped and its files dated by the commit."""
    work = ROOT / "build" / "freeze-work"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(out), "--workpath", str(work), str(ROOT / "installers" / "fairwitness.spec")]
    # a fixed seed, since sets are written into the archive in the order of their hashes. Source: PyInstaller's manual,
    # reproducible builds
    _call(command, {"PYTHONPATH": str(tools()), "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(commit_time_s())})
    folder = out / "fairwitness"
    if sys.platform == "linux":
        _strip(folder)
    return folder


def _strip(folder: Path) -> None:
    """Takes the symbols from Python itself: 18 MB. The wheels' libraries stay as their makers signed them off."""
    inside = folder / "_internal"
    ours = [*inside.glob("libpython*.so*"), *inside.glob("python*/lib-dynload/*.so")]
    _call(["strip", "--strip-unneeded", *map(str, ours)])
    for path in [*folder.rglob("*.so"), *folder.rglob("*.so.*")]:
        if not path.is_symlink():
            path.chmod(0o644)


def icons(out: Path) -> Path:
    """The icon as PNG files in its sizes, painted from the one drawing by a process of its own (Qt wants to be alone)."""
    sizes = " ".join(map(str, ICON_SIZES_PX))
    _call([sys.executable, str(ROOT / "installers" / "icons" / "paint.py"), str(out), *sizes.split()])
    return out


def _dated(folder: Path, time_s: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (time_s, time_s), follow_symlinks=False)


def debian_changelog(time_s: int) -> str:
    """What Debian wants to know of a package's history: which version, from when, and where the rest is told."""
    told = "  * What changed is in changelog.gz beside this file."
    signed = f" -- {maintainer()}  {formatdate(time_s, localtime=False)}"
    return f"fairwitness ({version()}-1) stable; urgency=medium\n\n{told}\n\n{signed}\n"


def maintainer() -> str:
    """Whom the packages name. Source: installers/nfpm.yaml."""
    lines = (ROOT / "installers" / "nfpm.yaml").read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("maintainer: ") for line in lines if line.startswith("maintainer: "))


def pack(folder: Path, out: Path) -> tuple[Path, ...]:
    """The .deb and the .rpm of a frozen folder, from installers/nfpm.yaml."""
    time_s = commit_time_s()
    staged = ROOT / "build" / "linux"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    icons(staged / "icons")
    for name, text in (
        ("fairwitness.1", (ROOT / "installers" / "linux" / "fairwitness.1").read_text(encoding="utf-8")),
        ("changelog", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")),
        ("changelog.Debian", debian_changelog(time_s)),
    ):
        # no time and no name inside: the same bytes every time
        (staged / f"{name}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    _dated(staged, time_s)
    _dated(folder, time_s)
    made = []
    for kind in PACKAGES:
        architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
        path = out / f"fairwitness_{version()}_{architecture}.{kind}"
        settings = {"VERSION": version(), "ARCH": architecture, "FROZEN": str(folder), "STAGED": str(staged)}
        _call(
            [str(tools() / "bin" / "nfpm"), "package", "-f", "installers/nfpm.yaml", "-p", kind, "-t", str(path)],
            {**settings, "SOURCE_DATE_EPOCH": str(time_s)},
        )
        made.append(path)
    return tuple(made)


def build(out: Path) -> Made:
    """Everything of this system. Other systems than Linux freeze, and are packed by the recipes beside this file."""
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    folder = freeze(out)
    return Made(folder, pack(folder, out) if sys.platform == "linux" else ())


def _call(command: Sequence[str], more: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(more or {})}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def main(arguments: Sequence[str]) -> None:
    """Builds and says what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    made = build(parser.parse_args(arguments).out)
    print("\n".join(str(path) for path in (made.program, *made.packages)))


if __name__ == "__main__":
    main(sys.argv[1:])
