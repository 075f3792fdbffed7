# SPDX-License-Identifier: Apache-2.0
"""An office whose clock stands elsewhere, or whose platform tells other devices than it has."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from agent.clock import SystemClock
from fairwitness.office import Office
from session.ports import ClockReading
from session.trust.lifetime import DAY_US
from uploader.client import Answer, Request


class SkippedClock(SystemClock):
    """So many days from now, and standing there."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self._at = super().read()
        self.read_us = self._at.t_us + days * DAY_US

    def read(self) -> ClockReading:
        return msgspec.structs.replace(self._at, t_us=self.read_us)


def telling(office: Office, monkeypatch: pytest.MonkeyPatch, lie: Callable[..., list[dict[str, object]]]) -> None:
    """A platform that tells other devices than it has, made of the two that it has."""
    send = type(office._desk._client).send
    client = office._desk._client

    def lying(asked: Request) -> Answer:
        answer = send(client, asked)
        if asked.what != "devices":
            return answer
        told = sorted(msgspec.json.decode(answer.body)["devices"], key=lambda one: one["person"])
        return msgspec.structs.replace(answer, body=msgspec.json.encode({"devices": lie(*told)}))

    monkeypatch.setattr(client, "send", lying)
