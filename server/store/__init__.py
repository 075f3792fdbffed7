# SPDX-License-Identifier: Apache-2.0
"""Where the platform keeps what it has: tables and files."""
