# SPDX-License-Identifier: Apache-2.0
"""replay.png: written by a process that has no display, and refused in plain words where it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from replay_canvas import Written
from replay_desks import ListReader, half_a_minute, long_day, verification

from session import EnvironmentFault, IntegrityFault
from session.policy import default_policy_toml, parse_policy
from ui.replay.pictures import decode
from ui.replay.render import render_png

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from replay_desks import half_a_minute, verification
from session import EnvironmentFault
from ui.replay.render import render_png
for path in sys.argv[1:]:
    try:
        render_png(half_a_minute().reader(), verification(), Path(path))
    except EnvironmentFault as fault:
        print(fault)
        sys.exit(2)
from PySide6.QtGui import QGuiApplication
assert QGuiApplication.instance() is None, "an application was left behind"
"""


def run(*paths: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    kept["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "helpers")])
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *map(str, paths)]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":4711"}, {"QT_QPA_PLATFORM": "xcb"}], ids=["none", "dead", "xcb"])
def test_a_process_without_a_display_draws_twice(tmp_path: Path, environment: dict[str, str]) -> None:
    done = run(tmp_path / "one.png", tmp_path / "two.png", **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size == (1600, 900)
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 50


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig tells Qt on Linux alone which fonts there are")
def test_without_any_font_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(f"<fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>")
    done = run(tmp_path / "out.png", FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    assert done.returncode == 2
    assert "No font is installed" in done.stdout
    assert "fonts-dejavu-core" in done.stdout
    assert not (tmp_path / "out.png").exists()


@pytest.mark.usefixtures("qapp")
def test_size_and_scale_are_those_asked_for(tmp_path: Path) -> None:
    for size, scale in (((1366, 768), 1.0), ((1920, 1080), 2.0), ((800, 600), 1.25)):
        render_png(half_a_minute().reader(), verification(), tmp_path / "out.png", size=size, scale=scale, dark=scale > 1)
        with Image.open(tmp_path / "out.png") as picture:
            assert picture.size == (round(size[0] * scale), round(size[1] * scale))


@pytest.mark.usefixtures("qapp")
def test_a_folder_that_is_not_there_is_named_as_a_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="could not be written"):
        render_png(half_a_minute().reader(), None, tmp_path / "nowhere" / "out.png")


@pytest.mark.usefixtures("qapp")
def test_zone_and_policy_are_those_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    policy = parse_policy(default_policy_toml().replace(b"crash_counts_s = 300", b"crash_counts_s = 0"))
    zone = ZoneInfo("America/New_York")
    render_png(long_day(pictures=False).reader(), None, tmp_path / "out.png", policy=policy, zone=zone)
    said = written.said()
    assert "03:30:00 to 11:30:00, America/New_York time" in said
    assert "6:49:20" in said  # the crash of four minutes does not count
    assert "Not checked" in said


class DamagedReader(ListReader):
    """Its blobs are not what the records committed to."""

    def image(self, seq: int) -> bytes | None:
        raise IntegrityFault(f"blob of record {seq}")


@pytest.mark.usefixtures("qapp")
def test_a_damaged_picture_is_named_and_the_rest_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    render_png(DamagedReader(half_a_minute().tape.events), verification(), tmp_path / "out.png")
    assert written.said().count("Does not match its record") == 2


@pytest.mark.usefixtures("qapp")
def test_pictures_are_decoded_no_larger_than_they_are_shown() -> None:
    desk = half_a_minute()
    seq = next(iter(desk.images))
    image = decode(desk.reader(), seq, 100)
    assert not isinstance(image, str)
    assert (image.width(), image.height()) == (160, 100)
    assert decode(desk.reader(), 4711, 100) == "picture.unreadable"
