# SPDX-License-Identifier: Apache-2.0
"""The notice: what a policy observes, in plain words."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
