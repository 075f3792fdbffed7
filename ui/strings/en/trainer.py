# SPDX-License-Identifier: Apache-2.0
"""The trainer's side: tray, state window, notice dialog, review and sealing, enrolment."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
