# SPDX-License-Identifier: Apache-2.0
"""Reports of rates: taken once a person and period, and given out as sums of ten people or more.

Rules:

1. A report is taken from its author, in the fourteen days after its period has ended, by this platform's clock.
2. A share leaves this platform in no way but in the sum of a row; whose reports are in a row follows from the reports alone
   (`session.rates.rows`). A row is given with the reports of its people, which hold no count.
3. Nothing of a period is given before those fourteen days are over, so that its rows never change: the difference of two
   answers would be one person.
4. After a year a period's reports are deleted, all at once, with the next report or table that is asked for. When a report
   came is not kept.

Source: docs/adr/0020-rates-without-sessions.md.
"""

from __future__ import annotations

import base64
import logging
from typing import Final

from server.access.tokens import Caller
from server.core import Core
from server.faults import RefusalError
from server.store import reports
from session import IntegrityFault
from session.rates.counts import REPORT_US, begins_us, period_of
from session.rates.report import Posted, RatesReport, posted_share
from session.rates.rows import grouped
from session.rates.shares import summed
from session.rates.table import AddedUp, Table
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import open_statement

_log = logging.getLogger("fairwitness.server.rates")

KEPT_PERIODS: Final = 13
"""For how many periods reports are kept: a year. Source: docs/privacy.md."""


def take(core: Core, caller: Caller, period: int, posted: Posted) -> bool:
    """Keeps a report; False where this very one was kept before.

    Raises:
        RefusalError: 403 `role` for one who is in no directory; 409 `period` before its end or after its fourteen days; 409
            `rates` where the person has another report of this period; 422 `signature`, or `input` for another period's.
    """
    if caller.member is None:
        raise RefusalError(403, "role", "Your role does not include this.")
    raw = posted.report.encode()
    with core.writing() as connection:
        organisation, now_us = core.organisation(connection), core.now_us()
        try:
            stated = open_statement(raw, RatesReport, bytes.fromhex(caller.member.person_key))
            share = posted_share(posted, stated)
        except IntegrityFault as error:
            _log.warning("refused=rates")
            raise RefusalError(422, "signature", "The report is not what your key signed.") from error
        if (stated.organisation, stated.person, stated.period) != (organisation.fingerprint, caller.person, period):
            raise RefusalError(422, "input", "The report is of another organisation, person or period.")
        known = reports.report_of(connection, period, caller.person)
        if known == raw:
            return False
        if known is not None:
            raise RefusalError(409, "rates", "There is another report of yours for this period; one is taken.")
        if not begins_us(period + 1) <= now_us < begins_us(period + 1) + REPORT_US:
            raise RefusalError(409, "period", "Reports of this period are not taken now: only in the 14 days after its end.")
        reports.forget_before(connection, period_of(now_us) - KEPT_PERIODS)
        reports.put(connection, period, caller.person, raw, share)
    return True


def table(core: Core, period: int) -> Table:
    """The rows of a period: sums of at least ten people, none of whom is in two.

    Raises:
        RefusalError: 409 `period` while reports of it may still come.
    """
    if core.now_us() < begins_us(period + 1) + REPORT_US:
        raise RefusalError(409, "period", "Reports of this period may still come: its table is there 14 days after its end.")
    with core.writing() as connection:
        reports.forget_before(connection, period_of(core.now_us()) - KEPT_PERIODS)
        kept = reports.listed(connection, period)
    stated = [strict_json(read_envelope(raw)[1], RatesReport) for raw, _ in kept]
    rows, left_out = grouped([(one.cell, one.questions) for one in stated])
    return Table(
        period=period,
        rows=tuple(
            AddedUp(
                cell=row.cell,
                reports=tuple(kept[place][0].decode() for place in row.members),
                share=base64.b64encode(summed(kept[place][1] for place in row.members)).decode(),
            )
            for row in rows
        ),
        left_out=left_out,
    )
