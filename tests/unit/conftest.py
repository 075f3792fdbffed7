# SPDX-License-Identifier: Apache-2.0
"""Every session that the verifier's own tests make, good or wrong, is shown to the second verifier too."""

from __future__ import annotations

import pytest
import trust_wrongs
import verifier_both

_JUDGED = frozenset({"test_verify_steps", "test_verify_sealed", "test_tamper"})


@pytest.fixture(autouse=True)
def _two_verifiers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    module = request.module
    if module.__name__.rpartition(".")[2] not in _JUDGED or request.node.get_closest_marker("one_verifier"):
        return
    for place in (module, trust_wrongs):
        monkeypatch.setattr(place, "verify_session", verifier_both.both, raising=False)
