# SPDX-License-Identifier: Apache-2.0
"""The replay: how a session stands, lanes, legend, pictures."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {}
