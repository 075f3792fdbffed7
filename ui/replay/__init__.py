# SPDX-License-Identifier: Apache-2.0
"""The replay: one session on one time axis, the same for trainer and reviewer. Imports `session` only."""
