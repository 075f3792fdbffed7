# SPDX-License-Identifier: Apache-2.0
"""What the admin's window may ask is what the program behind it answers, name by name and argument by argument."""

from __future__ import annotations

import inspect

from fairwitness.office import Office
from session.offices import AdminOffice


def test_the_office_answers_all_that_its_window_may_ask() -> None:
    asked = {name: one for name, one in vars(AdminOffice).items() if inspect.isfunction(one) and not name.startswith("_")}
    assert len(asked) > 10
    for name, one in asked.items():
        assert inspect.signature(getattr(Office, name)) == inspect.signature(one), name
