# SPDX-License-Identifier: Apache-2.0
"""Sensors of the X11 desktop: `input` (keyboard and pointer rhythm) and `windows` (what is in front)."""
