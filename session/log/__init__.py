# SPDX-License-Identifier: Apache-2.0
"""The log that makes a record tamper-evident: Merkle tree, signed notes, checkpoints, cosignatures."""
