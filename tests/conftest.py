# SPDX-License-Identifier: Apache-2.0
"""For all tests: no example of a property fails for being slow, since machines are shared and noisy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
