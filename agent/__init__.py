# SPDX-License-Identifier: Apache-2.0
"""The agent: sensors, capture process, the recorder and its single writer, key stores. No Qt, no network."""
