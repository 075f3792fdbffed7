# SPDX-License-Identifier: Apache-2.0
"""The trainer's side: tray, state window, notice, review and sealing, enrolment."""
