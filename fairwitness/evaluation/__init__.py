# SPDX-License-Identifier: Apache-2.0
"""Evaluation: what the detectors of this version say of corpora of real work. For the command `evaluate` alone.

`corpus` reads files, `recorded` makes the records that the product itself would have written, `measuring` asks the
detectors, `figures` has the statistics, `classes` compares kinds of work, `report` says it, `running` does all of it.
"""
