# SPDX-License-Identifier: Apache-2.0
"""The one composition root and command of Fair Witness. Sees all other packages; nothing sees it. No Qt at import."""
