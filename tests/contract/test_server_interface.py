# SPDX-License-Identifier: Apache-2.0
"""The platform against its own description: whatever is sent, no 5xx, only documented answers, and never without a token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from schemathesis.transport.serialization import serialize_binary
from server_running import RunningPlatform, StillClock, running

from server.app import create_app, interface
from server.config import Limits, ServerConfig

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]
EXAMPLES = 5
"""Bodies and paths tried for each of the twenty-five operations."""


@schemathesis.serializer("application/toml")
def as_it_is(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """A policy's bytes."""
    return serialize_binary(value)


class Described:
    """A running platform and its own description."""

    def __init__(self, platform: RunningPlatform) -> None:
        app = create_app(ServerConfig(folder=platform.config.folder), StillClock())
        app.state.core.close()
        self.document = interface(app)
        self.schema = schemathesis.openapi.from_dict(self.document)
        self.platform = platform
        self.tokens = {"trainer": platform.join("ada", "trainer").client.token, "admin": platform.admin.client.token}
        self.http = requests.Session()
        self.http.trust_env = False


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with running(tmp_path_factory.mktemp("interface"), Limits(enrol_per_minute=100_000)) as platform:
        platform.put_policy()
        made = Described(platform)
        yield made
        made.http.close()


def test_all_routes_but_four_ask_for_a_token(described: Described) -> None:
    free = {
        path for path, item in described.document["paths"].items() if any("security" not in one for one in item.values())
    }
    assert free == {"/v1/health", "/v1/enrol", "/v1/admin-tokens", "/v1/sessions/{session_id}/add-checkpoint"}


def tried(described: Described, path: str, method: str, token: str) -> int:
    """How many requests were sent to one operation; raises for the first answer that is not as described."""
    sent = 0

    @seed(7)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=described.schema[path][method.upper()].as_strategy())
    def answered(case: schemathesis.Case) -> None:
        nonlocal sent
        sent += 1
        asked = {"base_url": described.platform.address, "session": described.http, "timeout": 10}
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS, **asked)

    answered()
    return sent


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_described(described: Described) -> None:
    """By a trainer where a trainer may, else by the admin."""
    sent = 0
    for path, item in described.document["paths"].items():
        for method, operation in item.items():
            role = "admin" if "For an admin." in operation["description"] else "trainer"
            sent += tried(described, path, method, described.tokens[role])
    assert sent >= 60
