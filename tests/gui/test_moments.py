# SPDX-License-Identifier: Apache-2.0
"""A field for a moment: what is shown and what is read back are the same moment, in whatever zone."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo

import pytest
from PySide6.QtCore import QDateTime
from pytestqt.qtbot import QtBot

from ui.moments import read_time_us, time_field

AT_US = 1_790_000_001_234_567


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-3))])
def test_what_stands_there_is_read_to_the_second_and_a_change_is_told(qtbot: QtBot, zone: tzinfo | None) -> None:
    told: list[int] = []
    field = time_field("From", AT_US, zone, lambda: told.append(1))
    qtbot.addWidget(field)
    assert read_time_us(field) == 1_790_000_001_000_000
    field.setDateTime(field.dateTime().addSecs(-7_200))
    assert read_time_us(field) == 1_789_992_801_000_000
    assert told == [1]
    if zone is not None:
        assert field.text() == QDateTime.fromSecsSinceEpoch(1_789_992_801, field.timeZone()).toString("yyyy-MM-dd HH:mm:ss")
    assert field.accessibleName() == "From"
