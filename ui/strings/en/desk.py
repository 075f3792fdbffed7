# SPDX-License-Identifier: Apache-2.0
"""The reviewer's desk: what waits, decisions, verification."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
