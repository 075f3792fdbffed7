# SPDX-License-Identifier: Apache-2.0
"""Who may call a route.

Rules:

1. Every route declares exactly one `AccessRule` as a dependency; `server.app` refuses to start with one that does not.
2. A rule is judged before any byte of a body is read.
3. Without the right role the answer is 403; what a caller may not know to exist answers 404, as what does not exist.
"""

# No postponed annotations here: FastAPI reads those of a callable object as they are.
from fastapi import Request

from server.access.tokens import Caller, caller_of
from server.core import Core
from server.faults import RefusalError


class AccessRule:
    """One rule, as a dependency. `described` says in words who may pass; `needs_token` whether it asks for a token."""

    needs_token = True

    def __init__(self, described: str) -> None:
        self.described = described


def core_of(request: Request) -> Core:
    """The platform that serves this request."""
    core = request.app.state.core
    if not isinstance(core, Core):
        raise TypeError("app.state.core is set by create_app")
    return core


class Open(AccessRule):
    """Passes everyone; the route itself checks what `described` says."""

    needs_token = False

    def __call__(self) -> None:
        """Passes."""


class Signed(AccessRule):
    """Passes whoever holds a token, with what the directory in force says of them."""

    def __init__(self, described: str, *roles: str, member: bool = True) -> None:
        super().__init__(described)
        self._roles = frozenset(roles)
        self._member = member

    def __call__(self, request: Request) -> Caller:
        """Who asks. Raises `RefusalError` 401 or 403."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        core = core_of(request)
        with core.reading() as connection:
            caller = caller_of(connection, core, token) if kind.lower() == "bearer" and token else None
        if caller is None:
            raise RefusalError(
                401,
                "token",
                "This token opens nothing here. Enrol with a new code from your admin.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if self._member and caller.member is None:
            raise RefusalError(403, "waiting", "The directory does not name your keys yet: your admin signs the next one.")
        if self._roles and (caller.member is None or not self._roles.intersection(caller.member.roles)):
            raise RefusalError(403, "role", "Your role does not include this.")
        return caller


HEALTH = Open("anyone: says only that the platform runs")
BY_CODE = Open("whoever has an invitation code, a few tries a minute")
BY_ROOT_KEY = Open("whoever signs with the organisation's root key, a few tries a minute")
BY_SESSION_KEY = Open("whoever signs with the granted session key")
ENROLLED = Signed("whoever enrolled, named by a directory or not yet", member=False)
MEMBER = Signed("every member of the directory in force")
OWN_DEVICE = Signed("every member of the directory in force, with the person key's signature, a few tries a minute")
TRAINER = Signed("a trainer", "trainer")
READER = Signed("the session's person, or a reviewer of its project", "trainer", "reviewer", "approver")
ADMIN = Signed("an admin", "admin")
