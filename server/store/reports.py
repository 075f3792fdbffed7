# SPDX-License-Identifier: Apache-2.0
"""Reports of rates: one a person and period, with its share, until a year has passed."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from server.store.tables import rates_reports as reports


def put(connection: Connection, period: int, person: str, report: bytes, share: bytes) -> None:
    """Keeps a report. The same person and period again is a bug of the caller and ends the transaction."""
    connection.execute(reports.insert().values(period=period, person=person, report=report, share=share))


def report_of(connection: Connection, period: int, person: str) -> bytes | None:
    """The report of a person, None where there is none."""
    asked = select(reports.c.report).where(reports.c.period == period, reports.c.person == person)
    return connection.execute(asked).scalar_one_or_none()


def listed(connection: Connection, period: int) -> list[tuple[bytes, bytes]]:
    """All reports of a period, each with its share, by person."""
    asked = select(reports.c.report, reports.c.share).where(reports.c.period == period).order_by(reports.c.person)
    return [(row[0], row[1]) for row in connection.execute(asked)]


def forget_before(connection: Connection, period: int) -> None:
    """Reports of all earlier periods are gone, whole periods at once: no sum is ever seen with one person and without."""
    connection.execute(delete(reports).where(reports.c.period < period))
