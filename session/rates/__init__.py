# SPDX-License-Identifier: Apache-2.0
"""How often each question was raised, as sums of many people behind which no session and no person stands (ADR 0020)."""
