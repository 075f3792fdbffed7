# SPDX-License-Identifier: Apache-2.0
"""A device is revoked in the admin's window, by names on the screen alone: what stood stands, what comes after does not.

Real programs: the platform, the trainer's recording, the office, and the reviewer's verifying.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_server import ended
from office import Office, as_process, office
from review_atspi import Reading, accessible_desk

from fairwitness.office import open_office
from fairwitness.sending import prepare
from session import EnvironmentFault
from session.policy import default_policy_toml

pytestmark = pytest.mark.ci
RECORD_S = 6


@pytest.fixture
def desk() -> Iterator[dict[str, str]]:
    with accessible_desk() as environment:
        yield environment


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fairwitness", *(str(one) for one in arguments)]


def verified(session: Path, home: Path) -> tuple[int, str]:
    done = subprocess.run(
        command("verify", session, "--home", home), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout


def revoke(environment: dict[str, str], work: Office, device: str) -> None:
    """As an admin does it who sees nothing."""
    admin = command("admin", "--home", work.folder / "admin", "--platform", work.proxy.address)
    process = subprocess.Popen(admin, env=environment, stdin=subprocess.DEVNULL)
    try:
        with Reading(environment) as screen:
            screen.says("version")
            screen.press("trainer", "cell")
            screen.says("Keys and devices of trainer")
            screen.says("Last countersigned:")
            screen.press(f"Revoke {device} of trainer …")
            screen.says("All that was countersigned until now stands")
            screen.press("Sign and publish")
            screen.says("Signed and published.")
            screen.says("Revoked as of")
            screen.press("Keys", "page tab")
            screen.says("Opened by: reviewer")
    finally:
        ended(process)


def test_a_device_that_is_revoked_in_the_window_counts_no_more(tmp_path: Path, desk: dict[str, str]) -> None:
    with office(tmp_path, default_policy_toml(), as_process) as work:
        before = work.ended(work.start(desk, for_s=RECORD_S))
        work.send()
        (device,) = [one for one in open_office(tmp_path / "admin", work.proxy.address).devices() if one.person == "trainer"]
        assert device.cosigned_us > 0
        revoke(desk, work, device.device)
        with pytest.raises(EnvironmentFault, match="This device was revoked by your organisation"):
            prepare(work.trainer)
        prepare(work.reviewer)  # the reviewer hears of the new directory
        code, told = verified(work.fetched(before), work.reviewer)
        assert (code, "This session verifies" in told) == (0, True), told
        after = work.ended(work.start(desk, for_s=RECORD_S))  # with a grant that the device held
        code, told = verified(after, work.reviewer)
        assert code != 0
        assert "the device key was revoked before a time at which this rests on it" in told
        assert work.fetched(before).exists()
