# SPDX-License-Identifier: Apache-2.0
"""What `record` leaves on the disk is open to no other account, whatever the umask it was started under."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX"),
]


@pytest.fixture
def wide_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_recording_is_its_owners_alone(tmp_path: Path, wide_umask: None) -> None:
    home = tmp_path / "new" / "home"
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    command = [sys.executable, "-m", "fairwitness", "record", "--for", "2", "--home", str(home)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert "Traceback" not in done.stderr
    made = [tmp_path / "new", home, *home.rglob("*")]
    kept = {path.name for path in made}
    assert {"fairwitness.log", "keys"} <= kept, (done.stdout, done.stderr, sorted(kept))
    assert [(str(path), oct(path.stat().st_mode)) for path in made if path.stat().st_mode & 0o077] == []
