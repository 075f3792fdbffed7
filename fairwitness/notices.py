# SPDX-License-Identifier: Apache-2.0
"""Which notices the trainer has read: one small file for each policy, kept durably before the first session under it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from session import IntegrityFault
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.events import Ack
from session.segments import read_file

_MOST_BYTES = 4096


class Notices:
    """The folder `notices/`: `<policy sha256>.json`, each an ACK as sessions record it.

    Args:
        folder: made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, policy_sha256: str) -> Ack | None:
        """What was acknowledged of this policy, None where nothing was, or where the file is damaged: it is asked again.

        Raises:
            EnvironmentFault: the file cannot be read.
        """
        path = self._folder / f"{policy_sha256}.json"
        if not path.is_file():
            return None
        try:
            ack = msgspec.json.decode(read_file(path, _MOST_BYTES, "a notice that was read"), type=Ack)
        except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault):
            return None
        return ack if ack.policy_sha256 == policy_sha256 else None

    def keep(self, ack: Ack) -> None:
        """Keeps it durably. Raises `EnvironmentFault`."""
        try:
            make_private(self._folder)
            write_whole(RealDisk(), self._folder, f"{ack.policy_sha256}.json", msgspec.json.encode(ack))
        except OSError as error:
            raise environment_fault(error, "keeping that you read the notice") from error
