# SPDX-License-Identifier: Apache-2.0
"""What people see. Reads and asks; owns nothing of the record. The only package that may import PySide6."""
