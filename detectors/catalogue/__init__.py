# SPDX-License-Identifier: Apache-2.0
"""Which windows are AI tools: a reviewable list (tools.toml), its schema, and the match of a window against it."""
