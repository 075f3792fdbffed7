# SPDX-License-Identifier: Apache-2.0
"""Findings: titles, what they ask, innocent causes, and why one was not evaluated."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
