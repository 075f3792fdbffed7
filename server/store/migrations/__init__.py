# SPDX-License-Identifier: Apache-2.0
"""The steps from each schema to the next."""
