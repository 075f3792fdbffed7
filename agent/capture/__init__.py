# SPDX-License-Identifier: Apache-2.0
"""Screenshots: `CaptureSensor` asks at random moments, the process in `child.py` grabs, masks, compares and encodes."""

from agent.capture.sensor import CaptureSensor

__all__ = ["CaptureSensor"]
