# SPDX-License-Identifier: Apache-2.0
"""The reference platform: it takes, witnesses and keeps sessions whose content it cannot read."""
