# SPDX-License-Identifier: Apache-2.0
"""Which stretch of time is looked at, and where the axis has its ticks. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

LEAST_SPAN_US: Final = 10_000_000
"""Nothing in a record is finer than a tick of 5 s, so no view is narrower than two."""

_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class View(msgspec.Struct, frozen=True):
    """[from_us, to_us) in UTC, never empty."""

    from_us: int
    to_us: int

    @property
    def span_us(self) -> int:
        """Its length, above 0."""
        return self.to_us - self.from_us

    def x_of(self, t_us: int, left: float, width: float) -> float:
        """Where `t_us` lies on an axis of `width` that begins at `left`; outside the view it lies outside the axis."""
        return left + (t_us - self.from_us) * width / self.span_us

    def t_of(self, x: float, left: float, width: float) -> int:
        """The time at `x`; the inverse of `x_of`."""
        return self.from_us + round((x - left) * self.span_us / width)

    def zoomed(self, factor: float, about_us: int, whole: View) -> View:
        """`factor` times as wide, with `about_us` where it was, inside `whole`."""
        span = min(max(round(self.span_us * factor), LEAST_SPAN_US), whole.span_us)
        share = (about_us - self.from_us) / self.span_us
        return View(about_us - round(span * share), about_us - round(span * share) + span).within(whole)

    def panned(self, by_us: int, whole: View) -> View:
        """Moved by `by_us`, as far as `whole` reaches."""
        return View(self.from_us + by_us, self.to_us + by_us).within(whole)

    def within(self, whole: View) -> View:
        """As wide as this, or as `whole` where that is narrower, and inside it."""
        span = min(self.span_us, whole.span_us)
        from_us = min(max(self.from_us, whole.from_us), whole.to_us - span)
        return View(from_us, from_us + span)


class AxisTick(msgspec.Struct, frozen=True):
    """One tick: its time and its words; `day` is the date where one begins."""

    t_us: int
    words: str
    day: str = ""


def local(t_us: int, zone: tzinfo) -> datetime:
    """`t_us` as a time on the wall in `zone`."""
    return (_EPOCH + timedelta(microseconds=t_us)).astimezone(zone)


def zone_named(name: str) -> tzinfo:
    """The time zone of this name, UTC where there is none or this machine does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; not a name; a name that is a folder
        return UTC


def axis_ticks(view: View, zone: tzinfo, most: int) -> tuple[AxisTick, ...]:
    """At most `most` + 1 ticks at times that are round in `zone`: whole seconds, minutes, hours, days.

    They are aligned with the offset that `zone` has at the view's beginning; each is labelled with its own.
    """
    wanted_s = view.span_us / 1e6 / max(1, most)
    step_s = next((step for step in _STEPS_S if step >= wanted_s), 0)
    if not step_s:
        step_s = 86400 * -(-int(wanted_s) // 86400)
    offset = local(view.from_us, zone).utcoffset() or timedelta()
    offset_us, step_us = round(offset.total_seconds() * 1e6), step_s * 1_000_000
    first_us = -(-(view.from_us + offset_us) // step_us) * step_us - offset_us
    ticks: list[AxisTick] = []
    for t_us in range(first_us, view.to_us, step_us):
        moment = local(t_us, zone)
        begins = bool(ticks) and moment.date() != local(t_us - step_us, zone).date()
        words = moment.strftime("%H:%M:%S" if step_s < 60 else "%H:%M")
        ticks.append(AxisTick(t_us, words, day_words(moment) if begins else ""))
    return tuple(ticks)


def day_words(moment: datetime) -> str:
    """A date that reads the same everywhere: 2026-11-23."""
    return moment.strftime("%Y-%m-%d")


def clock_words(length_us: int) -> str:
    """A length as h:mm:ss, rounded down to the second; every sum of work time is shown like this."""
    seconds = max(0, length_us) // 1_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
