# SPDX-License-Identifier: Apache-2.0
"""Sensors for desktops that have no sensors of their own here: Windows, macOS, and X11 without XInput2."""
