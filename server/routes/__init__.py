# SPDX-License-Identifier: Apache-2.0
"""One file for each resource of the interface in docs/architecture.md."""
