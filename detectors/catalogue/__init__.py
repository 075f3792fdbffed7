# SPDX-License-Identifier: Apache-2.0
"""Which windows are AI tools: reviewable files (README.md), their schema, and the match of a window against it."""
