# SPDX-License-Identifier: Apache-2.0
"""The windows of the demonstration's desk."""
