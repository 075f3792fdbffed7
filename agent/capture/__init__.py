# SPDX-License-Identifier: Apache-2.0
"""Screenshots: `CaptureSensor` in `sensor.py` asks at random moments, the process in `child.py` grabs, masks and encodes."""
