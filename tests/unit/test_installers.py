# SPDX-License-Identifier: Apache-2.0
"""What the installers say agrees with the program, and an installed program does what one under Python does."""

from __future__ import annotations

import configparser
import plistlib
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fairwitness import __main__ as entry
from fairwitness import frozen
from fairwitness.cli import _parser
from fairwitness.managed import Managed, managed, permitted, place
from session import EnvironmentFault, InputFault
from session.crypto.signing import six_words
from uploader.enrol import EnrolmentLink

ROOT = Path(__file__).resolve().parents[2]
INSTALLERS = ROOT / "installers"
OURS, THEIRS = "a" * 64, "b" * 64


def text(name: str) -> str:
    return (INSTALLERS / name).read_text(encoding="utf-8")


def tree(name: str) -> ET.Element:
    return ET.fromstring(text(name))  # noqa: S314 - our own file


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def commands() -> set[str]:
    (parts,) = (action for action in _parser()._actions if action.choices and not action.option_strings)
    assert parts.choices
    return set(parts.choices)


def link(organisation: str) -> EnrolmentLink:
    return EnrolmentLink(platform="https://example.org", organisation=organisation, person="p", code="c" * 16)


def desktop(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text(f"linux/{name}"))
    return parser["Desktop Entry"]


# A frozen program


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)


def test_a_frozen_program_is_the_processes_that_it_starts_and_no_other(installed: None) -> None:
    for name in frozen.PROCESSES:
        process = frozen.process_of(["-m", name])
        assert process is not None
        assert process.name == name
    for arguments in ([], ["-m"], ["-m", "os"], ["-m", "fairwitness"], ["doctor", "-m", frozen.PROCESSES[0]]):
        assert frozen.process_of(arguments) is None


def test_under_python_the_interpreter_is_asked_and_not_we() -> None:
    assert frozen.process_of(["-m", frozen.PROCESSES[0]]) is None


def test_every_process_that_the_sources_start_is_known_to_the_frozen_program() -> None:
    started = set()
    for package in ("agent", "fairwitness", "uploader", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            started |= set(re.findall(r'sys\.executable, "-m", "([\w.]+)"', path.read_text(encoding="utf-8")))
    assert started - set(frozen.PROCESSES) - {"fairwitness", "ui.demo.windows"} == set()
    assert set(frozen.PROCESSES) <= started


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/theirs"}, {"LD_LIBRARY_PATH": "/theirs"}),
        ({"LD_LIBRARY_PATH": "/ours"}, {}),
        ({}, {}),
    ],
)
def test_programs_that_we_start_find_the_systems_libraries(
    installed: None, before: dict[str, str], after: dict[str, str]
) -> None:
    frozen.free_libraries(before)
    assert before == after


def test_under_python_the_persons_library_path_is_left_alone() -> None:
    environment = {"LD_LIBRARY_PATH": "/theirs"}
    frozen.free_libraries(environment)
    assert environment == {"LD_LIBRARY_PATH": "/theirs"}


def test_a_part_that_was_left_out_is_told_in_words(installed: None, capsys: pytest.CaptureFixture[str]) -> None:
    def serve(_: object) -> int:
        raise ModuleNotFoundError("No module named 'server.config'", name="server.config")

    assert entry._code(serve, []) == 2
    assert "does not contain the platform" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["serverless", "numpy", None])
def test_a_part_that_is_missing_by_our_fault_stays_a_fault(installed: None, name: str | None) -> None:
    def broken(_: object) -> int:
        raise ModuleNotFoundError("missing", name=name)

    with pytest.raises(ModuleNotFoundError):
        entry._code(broken, [])


def test_the_spec_leaves_out_what_the_program_says_is_left_out() -> None:
    spec = text("fairwitness.spec")
    compile(spec, "fairwitness.spec", "exec")
    left_out = spec.split("LEFT_OUT = (")[1].split("\n)")[0]
    for name in (*frozen.LEFT_OUT, "alembic", "fastapi", "sqlalchemy", "uvicorn"):
        assert f'"{name}"' in left_out


def test_every_part_of_qt_that_a_window_imports_is_brought() -> None:
    brought = set(re.findall(r'"(\w+)"', text("fairwitness.spec").split("QT_LIBRARIES = (")[1].split(")")[0]))
    imported = set()
    for path in (ROOT / "ui").rglob("*.py"):
        imported |= set(re.findall(r"^\s*from PySide6\.Qt(\w+) import", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert imported >= {"Core", "Gui", "Widgets"}
    assert imported - brought == set()


def test_the_desks_reach_nothing_of_the_platform() -> None:
    """What `tray`, `review`, `admin`, `replay` and `export` import, with the platform's packages out of reach."""
    program = (
        "import sys\n"
        "for name in ('server', 'fastapi', 'sqlalchemy', 'alembic', 'uvicorn'): sys.modules[name] = None\n"
        "import fairwitness.record, fairwitness.sending, fairwitness.opening, fairwitness.doctor\n"
        "import fairwitness.trainer, fairwitness.engine, fairwitness.cases, fairwitness.review, fairwitness.office\n"
        "import ui.trainer.main, ui.trainer.review, ui.desk.main, ui.admin.main, ui.replay.main, ui.replay.html\n"
        "import agent.capture.child\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


# Settings of the administrator


def test_without_a_file_and_with_the_one_that_we_install_nothing_is_settled(tmp_path: Path) -> None:
    assert managed(tmp_path / "none.toml") == Managed()
    assert managed(INSTALLERS / "linux" / "managed.toml") == Managed()
    assert permitted(link(THEIRS), tmp_path / "none.toml") == link(THEIRS)


def test_the_example_in_the_installed_file_is_taken_once_it_is_uncommented(tmp_path: Path) -> None:
    path = tmp_path / "managed.toml"
    path.write_text(text("linux/managed.toml").replace("# organisation =", "organisation ="), encoding="utf-8")
    assert managed(path) == Managed("0" * 64)


def test_a_settled_computer_joins_its_organisation_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "managed.toml"
    path.write_text(f'organisation = "{OURS}"\n', encoding="utf-8")
    assert permitted(link(OURS), path) == link(OURS)
    with pytest.raises(InputFault, match=" ".join(six_words(OURS))):
        permitted(link(THEIRS), path)


@pytest.mark.parametrize(
    "settings",
    [
        'organisation = "abc"',
        "organisation = 7",
        'organization = "x"',
        "organisation",
        b"\xff",
        f'organisation = "{OURS}\n"',
    ],
)
def test_a_lock_that_broke_stays_locked(tmp_path: Path, settings: str | bytes) -> None:
    path = tmp_path / "managed.toml"
    path.write_bytes(settings if isinstance(settings, bytes) else settings.encode())
    with pytest.raises(EnvironmentFault, match=r"managed\.toml"):
        permitted(link(OURS), path)


def test_a_lock_that_cannot_be_read_stays_locked(tmp_path: Path) -> None:
    (tmp_path / "managed.toml").mkdir()
    with pytest.raises(EnvironmentFault, match="administrator"):
        permitted(link(OURS), tmp_path / "managed.toml")


def test_the_settings_lie_where_each_system_keeps_an_administrators_files() -> None:
    moved = {"PROGRAMDATA": "/d", "HOME": "/h", "XDG_CONFIG_HOME": "/x", "FAIRWITNESS_HOME": "/f"}
    assert str(place("linux", moved)) == "/etc/fairwitness/managed.toml"
    assert str(place("darwin", moved)) == "/Library/Application Support/fairwitness/managed.toml"
    assert str(place("win32", moved)) == "/d/fairwitness/managed.toml"


@pytest.mark.parametrize("source", ["cli_keys", "recovering", "trainer"])
def test_every_way_to_join_asks_the_administrators_settings(source: str) -> None:
    program = (ROOT / "fairwitness" / f"{source}.py").read_text(encoding="utf-8")
    assert len(re.findall(r"parse_link\(", program)) == len(re.findall(r"permitted\(parse_link\(", program)) > 0
    for others in (ROOT / "fairwitness").glob("*.py"):
        text = others.read_text(encoding="utf-8")
        assert len(re.findall(r"parse_answer\(", text)) == len(re.findall(r"permitted\(parse_answer\(", text)), others.name
        assert "parse_link(" not in text or others.stem in {"cli_keys", "recovering", "trainer"}


# Linux


def test_the_menu_the_autostart_and_links_call_commands_that_exist() -> None:
    called = {}
    for name in ("fairwitness.desktop", "fairwitness-enroll.desktop", "autostart.desktop"):
        program, command, *rest = desktop(name)["Exec"].split()
        assert program == "fairwitness"
        called[name] = (command, *rest)
    assert called == {
        "fairwitness.desktop": ("tray",),
        "fairwitness-enroll.desktop": ("enroll", "%u"),
        "autostart.desktop": ("tray",),
    }
    assert {one[0] for one in called.values()} <= commands()
    assert desktop("fairwitness-enroll.desktop")["MimeType"] == "x-scheme-handler/fairwitness;"
    assert str(link(OURS)).startswith("fairwitness:")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("fairwitness.desktop", ("GenericName", "Comment", "Keywords")),
        ("fairwitness-enroll.desktop", ("Name", "Comment")),
        ("autostart.desktop", ("Comment",)),
    ],
)
def test_menu_entries_speak_both_languages(name: str, fields: tuple[str, ...]) -> None:
    for field in fields:
        assert desktop(name)[f"{field}[it]"] != desktop(name)[field]


def test_no_start_is_hidden() -> None:
    """The autostart shows the tray; nothing records, and nobody is kept from switching it off."""
    autostart = desktop("autostart.desktop")
    assert "Hidden" not in autostart
    assert "record" not in autostart["Exec"]


def test_the_page_of_the_manual_names_every_command() -> None:
    page = text("linux/fairwitness.1").replace("\\-", "-")
    assert {name for name in commands() if not re.search(rf"^\.B\S* \"?{name}\b", page, re.MULTILINE)} == set()


def test_the_store_page_is_of_this_version_and_of_this_entry() -> None:
    component = tree("linux/fairwitness.metainfo.xml")
    assert component.findtext("launchable") == "fairwitness.desktop"
    assert component.find("releases/release").attrib["version"] == version()  # type: ignore[union-attr]
    assert component.findtext("project_license") == "Apache-2.0"


def test_packages_take_what_is_there_and_run_nothing() -> None:
    recipe = text("nfpm.yaml")
    for source in re.findall(r"src: (installers/[^,]+),", recipe):
        assert (ROOT / source).is_file(), source
    assert "scripts:" not in recipe
    assert "version: ${VERSION}" in recipe


def test_every_icon_size_that_is_packed_is_painted() -> None:
    build = text("build.py")
    painted = set(re.findall(r"\d+", re.search(r"ICON_SIZES_PX: Final = \(([^)]*)\)", build)[1]))  # type: ignore[index]
    packed = set(re.findall(r"icons/(\d+)\.png", text("nfpm.yaml")))
    assert packed == painted == set(re.findall(r"hicolor/(\d+)x\d+/", text("nfpm.yaml")))


def test_the_drawing_uses_nothing_that_qt_does_not_paint() -> None:
    """SVG Tiny 1.2: without clipping, masks, filters and style sheets."""
    used = {element.tag.split("}")[1] for element in tree("icons/fairwitness.svg").iter()}
    assert used <= {"svg", "title", "path", "rect", "circle", "g"}


# Windows and macOS


UNTESTED = [
    "windows/fairwitness.wxs",
    "windows/fairwitness.nsi",
    "windows/pack.sh",
    "macos/pack.sh",
    "macos/entitlements.plist",
    "macos/fairwitness.desktop.plist",
    "macos/privacy.mobileconfig",
]


@pytest.mark.parametrize("name", UNTESTED)
def test_what_was_never_run_says_so_first(name: str) -> None:
    assert "UNTESTED" in "".join(text(name).splitlines()[:2])
    assert f"`installers/{name}`" in (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["windows/pack.sh", "macos/pack.sh"])
def test_shell_recipes_parse_and_read_the_one_version(name: str, tmp_path: Path) -> None:
    subprocess.run(["sh", "-n", str(INSTALLERS / name)], check=True)
    reads = re.search(r"version=\$\((sed -n '[^']+') ", text(name))
    assert reads
    found = subprocess.run(["sh", "-c", f"{reads[1]} {ROOT}/pyproject.toml"], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == version()


def test_windows_recipes_name_the_programs_that_the_spec_makes() -> None:
    spec = text("fairwitness.spec")
    for name in ("wxs", "nsi"):
        called = set(re.findall(r"(fairwitness\w*)\.exe", text(f"windows/fairwitness.{name}")))
        assert {one for one in called if f'name="{one}"' not in spec} == set()
        assert 'fairwitnessw.exe" tray' in text(f"windows/fairwitness.{name}").replace("&quot;", '"')
    product = tree("windows/fairwitness.wxs")[0]
    assert product.attrib["Version"] == "$(var.Version)"


def test_macos_recipes_agree_on_the_program_and_its_name() -> None:
    agent = plistlib.loads(text("macos/fairwitness.desktop.plist").encode())
    assert agent["ProgramArguments"] == ["/Applications/Fair Witness.app/Contents/MacOS/fairwitness", "tray"]
    profile = plistlib.loads(text("macos/privacy.mobileconfig").encode())
    services = profile["PayloadContent"][0]["Services"]
    assert set(services) == {"ScreenCapture", "ListenEvent"}
    for asked in services.values():
        # nobody may grant these for a person
        assert asked[0]["Authorization"] == "AllowStandardUserToSetSystemService"
        assert asked[0]["Identifier"] == agent["Label"]
        assert f'identifier "{agent["Label"]}"' in asked[0]["CodeRequirement"]
    plistlib.loads(text("macos/entitlements.plist").encode())
    assert f"identifier={agent['Label']}\n" in text("macos/pack.sh")
    assert f'bundle_identifier="{agent["Label"]}"' in text("fairwitness.spec")
    assert '"Fair Witness.app"' in text("fairwitness.spec")


def test_no_recipe_and_no_lock_names_an_address_of_a_registry() -> None:
    for path in (*INSTALLERS.rglob("*"), ROOT / "requirements-freeze.lock"):
        if path.is_file() and path.suffix not in {".pyc", ".png"}:
            hosts = set(re.findall(r"https?://([\w.-]+)", path.read_text(encoding="utf-8")))
            assert hosts <= {"www.w3.org", "www.debian.org", "schemas.microsoft.com", "www.apple.com"}, path.name


@pytest.mark.parametrize("command", ["remove", "open"])
def test_a_usage_line_that_is_followed_as_it_stands_is_understood(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args([command])
    usage = " ".join(capsys.readouterr().err.split())
    assert usage.startswith(f"usage: fairwitness {command} PATH --seq A[-B] [A[-B] ...] [")
    chosen = _parser().parse_args([command, "a/session", "--seq", "1", "3-4", "--yes"])
    assert (chosen.path.name, chosen.seq, chosen.yes) == ("session", [(1, 1), (3, 4)], True)
