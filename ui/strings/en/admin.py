# SPDX-License-Identifier: Apache-2.0
"""The admin's office: people, policies, publishing."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
