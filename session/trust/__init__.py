# SPDX-License-Identifier: Apache-2.0
"""Who may say what: signed statements, the directory, certificates."""
