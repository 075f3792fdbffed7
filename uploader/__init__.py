# SPDX-License-Identifier: Apache-2.0
"""Moves sealed sessions and checkpoints to the platform, and sealed sessions back to a desk. No Qt, no sensors."""
