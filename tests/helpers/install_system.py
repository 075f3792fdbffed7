# SPDX-License-Identifier: Apache-2.0
"""A bare Debian in a folder, made from this machine's own mirror, and programs that run in it.

with a folder of debootstrap's:
    system = bare_system(folder)
    system.apt("install", "xvfb"); system.run("id", user="trainer").stdout

Each run has mounts and processes of its own (namespaces): whatever happens to a test, nothing stays mounted or running.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

USER = "trainer"
_OURS_ALONE = (
    "/dev",
    "/home",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/tmp",  # noqa: S108 - the other system's
    "/var/cache",
    "/var/lib/apt",
    "/var/lib/dpkg",
    "/var/log",
)
"""Where a system writes by itself, and where people's own files are."""
_ENTER = """
set -eu
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
root=$1; user=$2; shift 2
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --init-groups --reset-env "$@"
"""


@dataclass(frozen=True)
class System:
    """A Debian below `root`."""

    root: Path

    def run(
        self, script: str, *, user: str = "root", check: bool = True, timeout_s: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Runs a shell script in it to its end, and gives what it printed."""
        command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            _ENTER,
            "enter",
            str(self.root),
            user,
        ]
        done = subprocess.run(
            [*command, "sh", "-c", f"export LC_ALL=C.UTF-8; cd; {script}"],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{script!r} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def apt(self, *arguments: str) -> None:
        """`apt-get` without questions, recommendations and a cache of what it fetched."""
        words = " ".join(f"'{one}'" for one in arguments)
        self.run(
            f"DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends {words} && apt-get clean", timeout_s=900
        )

    def files(self) -> frozenset[str]:
        """Every path that is not a person's own and not the system's own record."""
        return frozenset(self._below(self.root))

    def _below(self, folder: Path) -> Iterator[str]:
        for path in folder.iterdir():
            name = "/" + str(path.relative_to(self.root))
            if name in _OURS_ALONE:
                continue
            yield name
            if path.is_dir() and not path.is_symlink():
                yield from self._below(path)


def mirror(codename: str) -> str:
    """Where this machine takes its own Debian from, by its own settings."""
    for path in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))):
        if not path.is_file():
            continue
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            fields = dict(re.findall(r"^(\w[\w-]*): *(.*)$", paragraph, re.MULTILINE))
            if codename in fields.get("Suites", "").split():
                return fields["URIs"].split()[0]
            line = re.search(rf"^deb (?:\[[^]]*\] )?(\S+) {codename} ", paragraph, re.MULTILINE)
            if line:
                return line[1]
    raise AssertionError(f"no source of {codename} in /etc/apt")


def codename() -> str:
    """Of this machine's Debian."""
    named = re.search(r"^VERSION_CODENAME=(\S+)$", Path("/etc/os-release").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    return named[1]


def bare_system(folder: Path) -> System:
    """Debian's smallest system of this machine's own release, with a person in it who may do nothing special."""
    release = codename()
    found = shutil.which("debootstrap", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, "debootstrap is missing: ./test --ci installs it"
    subprocess.run(
        [found, "--variant=minbase", release, str(folder), mirror(release)], check=True, capture_output=True, timeout=900
    )
    folder.chmod(0o755)  # pytest's folders are their owner's alone, and here the owner is not who looks
    for name in ("etc/resolv.conf", *(str(path).lstrip("/") for path in Path("/etc/apt/apt.conf.d").glob("*proxy*"))):
        if Path("/", name).is_file():
            shutil.copyfile(Path("/", name), folder / name)
    system = System(folder)
    system.run(f"useradd --create-home --shell /bin/sh {USER}; mkdir -m 1777 -p /tmp/.X11-unix")
    system.apt("update")
    return system
