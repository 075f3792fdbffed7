# SPDX-License-Identifier: Apache-2.0
"""Who may call what: every role on every route, before any body is read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Depends
from fastapi.routing import APIRoute
from server_running import Client, RunningPlatform, StillClock, running

from server.access import roles
from server.app import access_rule, create_app
from server.config import ServerConfig

SESSION, DIGEST = "0" * 32, "0" * 64
ROUTES = {
    ("GET", "/v1/health"): {"nobody", "waiting", "trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/directory"): {"waiting", "trainer", "reviewer", "approver", "admin"},
    ("PUT", "/v1/directory"): {"admin"},
    ("GET", "/v1/policies/{sha256}"): {"trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/platform-keys"): {"admin"},
    ("PUT", "/v1/policies/{sha256}"): {"admin"},
    ("GET", "/v1/catalogues/{sha256}"): {"trainer", "reviewer", "approver", "admin"},
    ("PUT", "/v1/catalogues/{sha256}"): {"admin"},
    ("POST", "/v1/invitations"): {"admin"},
    ("GET", "/v1/invitations"): {"admin"},
    ("DELETE", "/v1/invitations/{sha256}"): {"admin"},
    ("POST", "/v1/devices"): {"trainer", "reviewer", "approver", "admin"},
    ("POST", "/v1/enrol"): {"nobody", "waiting", "trainer", "reviewer", "approver", "admin"},
    ("POST", "/v1/admin-tokens"): {"nobody", "waiting", "trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/enrolments"): {"admin"},
    ("GET", "/v1/devices"): {"admin"},
    ("POST", "/v1/grants"): {"trainer"},
    ("POST", "/v1/sessions/{session_id}/add-checkpoint"): {"nobody", "waiting", "trainer", "reviewer", "approver", "admin"},
    ("POST", "/v1/sessions/{session_id}/missing"): {"trainer"},
    ("HEAD", "/v1/sessions/{session_id}/blobs/{sha256}"): {"trainer"},
    ("PUT", "/v1/sessions/{session_id}/blobs/{sha256}"): {"trainer"},
    ("GET", "/v1/sessions/{session_id}/blobs/{sha256}"): {"trainer", "reviewer", "approver"},
    ("PUT", "/v1/sessions/{session_id}/seal"): {"trainer"},
    ("GET", "/v1/sessions/{session_id}/receipt"): {"trainer", "reviewer", "approver"},
    ("GET", "/v1/sessions"): {"trainer", "reviewer", "approver"},
    ("GET", "/v1/sessions/{session_id}"): {"trainer", "reviewer", "approver"},
    ("POST", "/v1/sessions/{session_id}/statements"): {"trainer", "reviewer", "approver"},
    ("POST", "/v1/sessions/{session_id}/openings"): {"trainer"},
    ("GET", "/v1/retention"): {"admin"},
    ("GET", "/v1/sessions/{session_id}/outline"): {"admin"},
    ("POST", "/v1/sessions/{session_id}/retention"): {"admin"},
    ("PUT", "/v1/rates/{period}"): {"trainer"},
    ("GET", "/v1/rates/{period}"): {"admin"},
    ("GET", "/v1/statements"): {"trainer", "reviewer", "approver"},
    ("GET", "/v1/log/checkpoint"): {"trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/log/consistency/{old}/{size}"): {"trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/log/inclusion/{leaf}/{size}"): {"trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/log/entries"): {"trainer", "reviewer", "approver", "admin"},
    ("GET", "/v1/log/entries/{index}"): {"trainer", "reviewer", "approver", "admin"},
}
CALLERS = ("nobody", "stranger", "waiting", "trainer", "reviewer", "approver", "admin")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("access")) as started:
        yield started


@pytest.fixture(scope="module")
def callers(platform: RunningPlatform) -> dict[str, Client]:
    members = {role: platform.join(f"a-{role}", role).client for role in ("trainer", "reviewer", "approver")}
    others = {"nobody": platform.client(), "stranger": platform.client("A" * 43), "admin": platform.admin.client}
    return {**members, **others, "waiting": platform.enrol("newcomer", "trainer").client}


def filled(path: str) -> str:
    for name, value in (
        ("session_id", SESSION),
        ("sha256", DIGEST),
        ("index", "0"),
        ("old", "0"),
        ("size", "0"),
        ("period", "0"),
    ):
        path = path.replace(f"{{{name}}}", value)
    return path


def test_the_matrix_names_every_route(tmp_path: Path) -> None:
    app = create_app(ServerConfig(folder=tmp_path), StillClock())
    there = {(method, route.path) for route in app.routes if isinstance(route, APIRoute) for method in route.methods or ()}
    assert there == set(ROUTES)
    assert len(app.routes) == len(ROUTES)
    app.state.core.close()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_who_may_call(callers: dict[str, Client], method: str, path: str, caller: str) -> None:
    allowed = ROUTES[method, path]
    status = callers[caller].ask(method, filled(path)).status_code
    if caller in allowed or "nobody" in allowed:
        assert status not in {401, 403}
    else:
        assert status == (401 if caller in {"nobody", "stranger"} else 403)


@pytest.mark.parametrize(("method", "path"), sorted(one for one in ROUTES if one[0] in {"PUT", "POST"}))
def test_a_body_is_not_read_before_the_caller_is_known(platform: RunningPlatform, method: str, path: str) -> None:
    """Only the head is sent: an answer means that nothing waited for the body."""
    if "nobody" in ROUTES[method, path]:
        return
    host, port = platform.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as peer:
        head = f"{method} {filled(path)} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        peer.sendall(head.encode())
        assert peer.recv(64).startswith(b"HTTP/1.1 401 ")


def test_a_route_without_a_rule_does_not_start(tmp_path: Path) -> None:
    app = create_app(ServerConfig(folder=tmp_path), StillClock())
    app.state.core.close()

    @app.get("/v1/open")
    def forgotten() -> None:
        """No rule."""

    with pytest.raises(TypeError, match="/v1/open"):
        access_rule(app.routes[-1])

    @app.get("/v1/twice", dependencies=[Depends(roles.ADMIN), Depends(roles.HEALTH)])
    def twice() -> None:
        """Two rules."""

    with pytest.raises(TypeError, match="/v1/twice"):
        access_rule(app.routes[-1])
    with pytest.raises(TypeError):
        access_rule(object())


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "bearer x y", "Bearer " + "A" * 5000])
def test_what_is_no_token_opens_nothing(callers: dict[str, Client], header: str) -> None:
    answer = callers["nobody"].get("/v1/directory", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_of_a_token_is_read_in_either_case(platform: RunningPlatform, callers: dict[str, Client]) -> None:
    token = platform.admin.client.token
    answer = callers["nobody"].get("/v1/directory", headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200


def test_every_error_has_the_two_members_and_says_nothing_of_what_was_sent(callers: dict[str, Client]) -> None:
    canary = "canary-in-a-path"
    for answer in (
        callers["admin"].get(f"/v1/{canary}"),
        callers["admin"].post("/v1/health"),
        callers["trainer"].get(f"/v1/sessions/{canary}"),
        callers["admin"].get(f"/v1/log/entries/{canary}"),
        callers["admin"].post("/v1/invitations", data=b'{"person": 1, "x": "canary-in-a-path"}'),
        callers["admin"].put(f"/v1/policies/{DIGEST}", data=canary.encode()),
    ):
        assert answer.status_code >= 400
        assert {"error", "detail"} <= set(answer.json())
        assert canary not in answer.text
    assert callers["admin"].get("/v1/log/entries/x").json()["detail"] == "Cannot be taken: path.index."
    assert callers["admin"].post("/v1/health").headers["Allow"] == "GET"
