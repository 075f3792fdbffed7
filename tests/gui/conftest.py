# SPDX-License-Identifier: Apache-2.0
"""Windows that nobody sees: every test here draws into memory, whether the machine has a display or not."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
