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
from desk_server import Desk, ended, until, xvfb
from install_system import USER, bare_system
from office import PROJECT, office
from tray_watcher import Panel, session_bus

from fairwitness.demo import demo_policy
from fairwitness.notices import Notices
from fairwitness.opening import open_here
from session.crypto.signing import six_words
from session.events import Ack, Kind
from session.policy import default_policy_toml, policy_digest
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
        "clipboard": True,
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


def test_the_frozen_tray_runs_a_session_from_its_menu(built: Built, desk: Desk, tmp_path: Path) -> None:
    home = tmp_path / ".local" / "share" / "fairwitness"
    Notices(home / "notices").keep(Ack(1, policy_digest(default_policy_toml()), "ab" * 32, "en"))
    with session_bus() as bus, Panel(bus) as panel:
        process = subprocess.Popen([str(built.program), "tray"], env=bare(desk.environment, tmp_path) | bus)
        try:
            item = panel.item()
            for entry, state in (("Start a personal session", "Recording"), ("Stop", "Not recording")):
                until(lambda entry=entry: item.menu().get(entry, (0, False))[1], f"{entry!r} can be chosen", 40)
                item.choose(entry)
                until(lambda state=state: state in item.tooltip(), f"the tooltip says {state!r}", 40)
            item.choose("Quit")
            assert process.wait(30) == 0
        finally:
            ended(process)
    assert len([path for path in (home / "spool").iterdir() if path.name[0] != "."]) == 1


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
    tray: str
    refused: subprocess.CompletedProcess[str]
    kept: str


ON_A_DESK = """
rm -f display
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 3>display 2>/dev/null &
until [ "$(wc -l <display)" = 1 ]; do sleep 0.1; done
export DISPLAY=:$(cat display)
openbox --sm-disable >/dev/null 2>&1 &
until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 'window id'; do sleep 0.1; done
"""
IN_THE_TRAY = f"""{ON_A_DESK}
trayer --edge top --align right --widthtype request --height 32 >/dev/null 2>&1 &
fairwitness tray & program=$!
until xwininfo -root -tree | grep '"fairwitness"' | grep -q ' [0-9][0-9]x[0-9][0-9]+'; do
    kill -0 $program || exit 3
    sleep 0.1
done
kill -TERM $program
wait $program
echo "docked, ended with $?"
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
    tray = system.run(IN_THE_TRAY, user=USER).stdout
    (system.root / "etc/fairwitness/managed.toml").write_text(f'organisation = "{OURS}"\n', encoding="utf-8")
    link = EnrolmentLink(platform="https://example.org", organisation=THEIRS, person="p", code="c" * 16)
    refused = system.run(f"fairwitness enroll --yes '{link}'", user=USER, check=False)
    unresolved = system.run(libraries).stdout
    system.apt("purge", "fairwitness")
    kept = system.run("ls .local/share/fairwitness/spool", user=USER).stdout
    return Life(before, installed, system.files(), verified, unresolved, doctor, session, tray, refused, kept)


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
    made_by_the_desktop = {"/usr/share/icons/hicolor/icon-theme.cache"}  # GTK's, which trayer came with
    assert {path for path in brought if "fairwitness" not in path} <= on_the_way | made_by_the_desktop


def test_what_was_installed_is_what_was_packed_and_finds_its_libraries(life: Life) -> None:
    assert life.verified == ""
    assert life.unresolved == ""


def test_an_ordinary_person_records_and_verifies_there(life: Life) -> None:
    able = {one["sensor"] for one in json.loads(life.doctor) if one["observes"]}
    assert {"input", "window", "capture", "keys"} <= able
    recorded, verification = map(json.loads, life.session.splitlines())
    assert recorded["events"] > 5
    assert (verification["verified"], verification["self_signed"]) == (True, True)


def test_the_icon_is_docked_in_a_tray_and_the_program_ends_when_asked(life: Life) -> None:
    assert life.tray.splitlines()[-1] == "docked, ended with 0"


def test_the_administrators_settings_are_obeyed(life: Life) -> None:
    assert life.refused.returncode == 2
    assert " ".join(six_words(OURS)) in life.refused.stderr


def test_removal_leaves_nothing_of_ours_and_all_of_the_persons(life: Life) -> None:
    assert life.after == life.before
    assert len(life.kept.split()) == 1


# Windows: what can be seen of the recipes without it


def test_the_windows_recipes_pack_a_stand_in_of_the_program(tmp_path: Path) -> None:
    frozen = tmp_path / "frozen"
    for name in ("fairwitness.exe", "fairwitnessw.exe", "_internal/python311.dll"):
        (frozen / name).parent.mkdir(parents=True, exist_ok=True)
        (frozen / name).write_bytes(b"MZ")
    pack = str(ROOT / "installers" / "windows" / "pack.sh")
    done = subprocess.run(["sh", pack, str(frozen), str(tmp_path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    msi, setup = map(Path, done.stdout.split())
    assert setup.read_bytes()[:2] == b"MZ"
    exported = {
        table: subprocess.run(["msiinfo", "export", str(msi), table], capture_output=True, text=True, check=True).stdout
        for table in ("File", "Registry", "Property")
    }
    assert [name for name in ("fairwitness.exe", "fairwitnessw.exe", "python311.dll") if name not in exported["File"]] == []
    assert '"[INSTALLFOLDER]fairwitnessw.exe" tray' in exported["Registry"]
    assert '"[INSTALLFOLDER]fairwitnessw.exe" enroll "%1"' in exported["Registry"]
    assert f"ProductVersion\t{msi.name.split('-')[1]}" in exported["Property"]
