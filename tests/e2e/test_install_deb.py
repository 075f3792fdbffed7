# SPDX-License-Identifier: Apache-2.0
"""The installed program: frozen, packed, installed into a bare Debian, used by an ordinary person, and removed again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk_pane import pane
from desk_programs import openbox
from desk_server import Desk, xvfb
from install_system import USER, bare_system
from office import PROJECT, office

from fairwitness.demo import demo_policy
from fairwitness.opening import open_here
from session.crypto.signing import six_words
from session.events import Kind
from uploader.enrol import EnrolmentLink

pytestmark = pytest.mark.ci

ROOT = Path(__file__).resolve().parents[2]
OURS, THEIRS = "a" * 64, "b" * 64
TOOLS = ("xvfb", "openbox", "trayer", "dbus", "xdotool", "x11-utils")
"""What the person's desk is made of; none of it is needed by the package."""


@dataclass(frozen=True)
class Built:
    """The frozen program and the Debian package."""

    program: Path
    deb: Path
    rpm: Path

    def run(self, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.program), *arguments], env=dict(environment), capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    command = [sys.executable, str(ROOT / "installers" / "build.py"), "--out", str(tmp_path_factory.mktemp("dist"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    program, deb, rpm = map(Path, done.stdout.split())
    return Built(program, deb, rpm)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb() as screen, openbox(screen), pane(screen, "workplace", "ffffff", (40, 40, 400, 200)):
        yield screen


def bare(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """An environment without this checkout's Python."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8", "DISPLAY": environment.get("DISPLAY", "")}


# The frozen program, where it was built


def test_the_frozen_program_sees_what_the_desktop_lets_it(built: Built, desk: Desk, tmp_path: Path) -> None:
    said = built.run(bare(desk.environment, tmp_path), "doctor", "--json")
    assert said.returncode == 0, said.stderr
    assert {one["sensor"]: one["observes"] for one in json.loads(said.stdout)} == {
        "input": True,
        "window": True,
        "capture": True,  # the capture process started, and answered
        "clock": True,
        "keys": True,
        "disk": True,
        "platform": False,
    }


def test_a_frozen_recorder_takes_screenshots_and_is_countersigned(built: Built, desk: Desk, tmp_path: Path) -> None:
    with office(tmp_path, demo_policy(20)) as work:
        environment = bare(desk.environment, tmp_path)
        arguments = ("--home", str(work.trainer), "--project", PROJECT, "--for", "12", "--json")
        done = built.run(environment, "record", *arguments)
        assert done.returncode == 0, done.stderr
        session = Path(json.loads(done.stdout.splitlines()[-1])["session"])
        sent = built.run(environment, "upload", "--now", "--json", "--home", str(work.trainer))
        assert [one["state"] for one in json.loads(sent.stdout)["sessions"]] == ["confirmed"]
    kinds = [event.kind for event in open_here(session, work.trainer).reader.events()]
    assert kinds.count(Kind.CAPTURE) >= 1
    assert Kind.COSIGN in kinds
    said = json.loads(built.run(environment, "verify", str(session), "--home", str(work.trainer), "--json").stdout)
    assert (said["verified"], said["receipt"]) == (True, True)
    # painted with the screenshots in it: Qt's picture plugins are in the frozen program
    pictures = []
    for number, command in enumerate(([str(built.program)], [sys.executable, "-m", "fairwitness"])):
        picture = tmp_path / f"{number}.png"
        arguments = ("replay", str(session), "--home", str(work.trainer), "--png", str(picture))
        subprocess.run([*command, *arguments], env=environment, cwd=ROOT, check=True, capture_output=True, timeout=120)
        pictures.append(picture.read_bytes())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(
    "arguments", [("serve", "--folder", "p"), ("found", "Name", "--folder", "p"), ("demo", "--headless")]
)
def test_what_belongs_to_the_platform_is_said_to_be_elsewhere(
    built: Built, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = built.run(bare({}, tmp_path), *arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert "does not contain the platform" in said.stderr
    assert "Traceback" not in said.stderr


def test_nothing_of_the_machine_that_built_it_is_inside(built: Built) -> None:
    named = str(ROOT).encode()
    assert [path.name for path in built.program.parent.rglob("*") if path.is_file() and named in path.read_bytes()] == []


def test_nothing_that_qt_could_do_without_is_inside(built: Built) -> None:
    names = {path.name for path in built.program.parent.rglob("*")}
    left_out = ("Qml", "Quick", "Pdf", "OpenGL", "gtk3", "eglfs", "qminimal", "translations", "fastapi", "sqlalchemy")
    assert {name for name in names if any(one in name for one in left_out)} == set()
    assert [path for path in built.program.parent.rglob("*") if path.is_symlink() and not path.exists()] == []


def test_the_packages_say_the_same_of_themselves(built: Built) -> None:
    fields = subprocess.run(
        ["dpkg-deb", "--show", "--showformat=${Package} ${Version}", str(built.deb)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert fields == f"fairwitness {built.deb.name.split('_')[1]}-1"
    assert built.rpm.stem == built.deb.stem
    assert built.rpm.read_bytes()[:4] == b"\xed\xab\xee\xdb"  # an RPM's lead. Source: rpm's manual, file format


# The package, in a bare system


@dataclass(frozen=True)
class Life:
    """What was seen of the package from its installation to its removal."""

    before: frozenset[str]
    installed: frozenset[str]
    after: frozenset[str]
    verified: str
    unresolved: str
    doctor: str
    session: str
    refused: subprocess.CompletedProcess[str]
    kept: str


ON_A_DESK = """
rm -f display
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 3>display 2>/dev/null &
until [ "$(wc -l <display)" = 1 ]; do sleep 0.1; done
export DISPLAY=:$(cat display)
openbox --sm-disable 2>/dev/null &
until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 'window id'; do sleep 0.1; done
"""


@pytest.fixture(scope="module")
def life(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Life:
    system = bare_system(tmp_path_factory.mktemp("debian"))
    depends = subprocess.run(
        ["dpkg-deb", "--field", str(built.deb), "Depends"], capture_output=True, text=True, check=True
    ).stdout.strip()
    system.apt("satisfy", depends)
    system.apt("install", *TOOLS)
    before = system.files()
    (system.root / "root" / built.deb.name).write_bytes(built.deb.read_bytes())
    system.run(f"apt-get -qq -y install --no-install-recommends ./{built.deb.name}")
    installed = system.files()
    verified = system.run("dpkg --verify fairwitness").stdout
    libraries = "find /usr/lib/fairwitness -name '*.so*' -type f -exec ldd {} + | grep 'not found' || true"
    doctor = system.run(f"{ON_A_DESK} fairwitness doctor --json", user=USER).stdout
    session = system.run(
        f"{ON_A_DESK} fairwitness record --for 4 --json 2>/dev/null && "
        "fairwitness verify --json .local/share/fairwitness/spool/*",
        user=USER,
    ).stdout
    (system.root / "etc/fairwitness/managed.toml").write_text(f'organisation = "{OURS}"\n', encoding="utf-8")
    link = EnrolmentLink(platform="https://example.org", organisation=THEIRS, person="p", code="c" * 16)
    refused = system.run(f"fairwitness enroll --yes '{link}'", user=USER, check=False)
    unresolved = system.run(libraries).stdout
    system.apt("purge", "fairwitness")
    kept = system.run("ls .local/share/fairwitness/spool", user=USER).stdout
    return Life(before, installed, system.files(), verified, unresolved, doctor, session, refused, kept)


def test_the_package_brings_its_files_where_they_belong(life: Life) -> None:
    brought = life.installed - life.before
    assert {
        "/usr/bin/fairwitness",
        "/usr/share/applications/fairwitness.desktop",
        "/usr/share/applications/fairwitness-enroll.desktop",
        "/usr/share/icons/hicolor/scalable/apps/fairwitness.svg",
        "/etc/xdg/autostart/fairwitness.desktop",
        "/etc/fairwitness/managed.toml",
        "/usr/share/man/man1/fairwitness.1.gz",
    } <= brought
    on_the_way = {str(folder) for path in brought for folder in Path(path).parents}
    assert {path for path in brought if "fairwitness" not in path} <= on_the_way


def test_what_was_installed_is_what_was_packed_and_finds_its_libraries(life: Life) -> None:
    assert life.verified == ""
    assert life.unresolved == ""


def test_an_ordinary_person_records_and_verifies_there(life: Life) -> None:
    able = {one["sensor"] for one in json.loads(life.doctor) if one["observes"]}
    assert {"input", "window", "capture", "keys"} <= able
    recorded, verification = map(json.loads, life.session.splitlines())
    assert recorded["events"] > 5
    assert (verification["verified"], verification["self_signed"]) == (True, True)


def test_the_administrators_settings_are_obeyed(life: Life) -> None:
    assert life.refused.returncode == 2
    assert " ".join(six_words(OURS)) in life.refused.stderr


def test_removal_leaves_nothing_of_ours_and_all_of_the_persons(life: Life) -> None:
    assert life.after == life.before
    assert len(life.kept.split()) == 1
