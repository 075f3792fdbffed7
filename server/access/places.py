# SPDX-License-Identifier: Apache-2.0
"""How much long work is done at once, and that nobody waits for a place with a thread of everybody's in hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from server.faults import RefusalError

RETRY_AFTER_S: Final = 10
"""What somebody without a place is asked to wait: an ordinary session is verified within it."""


class Places:
    """At most `most` pieces of work at once, and one of each person: whoever comes when it is full is sent away at once.

    A waiter would hold one of the 40 threads that all requests share, so that a few dozen would stop the whole platform.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._persons: set[str] = set()

    @contextmanager
    def taken(self, person: str) -> Iterator[None]:
        """One place until the block ends. Raises `RefusalError` 503 `busy`, with `Retry-After`, where none is free."""
        with self._lock:
            if person in self._persons or len(self._persons) >= self._most:
                detail = "The platform is checking other sessions now. Ask again a little later."
                raise RefusalError(503, "busy", detail, headers={"Retry-After": str(RETRY_AFTER_S)})
            self._persons.add(person)
        try:
            yield
        finally:
            with self._lock:
                self._persons.discard(person)
