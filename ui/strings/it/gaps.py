# SPDX-License-Identifier: Apache-2.0
"""Gaps: why something was not observed, and what."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
