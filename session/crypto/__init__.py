# SPDX-License-Identifier: Apache-2.0
"""Signatures, wraps and sealing: the only places where `cryptography` is called for a record."""
