# SPDX-License-Identifier: Apache-2.0
"""Fields in which a person changes a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Final

from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtWidgets import QDateTimeEdit

_SIDE_PX: Final = 6
"""Before and behind the text: of the style sheet's padding, fields of this kind heed none. Source: looked at."""


def time_field(
    name: str, t_us: int, zone: tzinfo | None, changed: Callable[[], object], *, shown: str = "yyyy-MM-dd HH:mm:ss"
) -> QDateTimeEdit:
    """A moment that a person may change.

    Args:
        name: for a screen reader.
        t_us: at first, UTC; to the second.
        zone: it is shown at this zone's offset of `t_us`; None for this computer's, with its summer time.
        changed: called at each change.
        shown: how, as Qt writes it.
    """
    made = QDateTimeEdit()
    made.setAccessibleName(name)
    made.setDisplayFormat(shown)
    made.lineEdit().setTextMargins(_SIDE_PX, 0, _SIDE_PX, 0)
    if zone is not None:
        offset = datetime.fromtimestamp(t_us / 1_000_000, UTC).astimezone(zone).utcoffset()
        made.setTimeZone(QTimeZone(int(offset.total_seconds()) if offset is not None else 0))
    made.setDateTime(QDateTime.fromMSecsSinceEpoch(t_us // 1_000_000 * 1000, made.timeZone()))
    made.dateTimeChanged.connect(lambda _: changed())
    return made


def read_time_us(field: QDateTimeEdit) -> int:
    """The moment in a `time_field`, UTC µs."""
    return int(field.dateTime().toMSecsSinceEpoch()) * 1000
