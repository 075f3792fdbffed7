# SPDX-License-Identifier: Apache-2.0
"""The platform as an application: routes, each behind its access rule, over one `Core`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from server import faults
from server.access.rate import RateLimit
from server.access.roles import AccessRule
from server.config import ServerConfig
from server.core import Core
from server.routes import (
    blobs,
    catalogues,
    devices,
    directory,
    enrolment,
    grants,
    health,
    log,
    policies,
    rates,
    retention,
    sessions,
    statements,
    witness,
)
from session.ports import Clock

ROUTERS = tuple(
    module.router
    for module in (
        health,
        directory,
        policies,
        catalogues,
        enrolment,
        devices,
        grants,
        witness,
        blobs,
        sessions,
        statements,
        retention,
        rates,
        log,
    )
)
VERSION = "1"
ERROR = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {"error": {"type": "string"}, "detail": {"type": "string"}},
}


def create_app(config: ServerConfig, clock: Clock) -> FastAPI:
    """The application over the platform in `config.folder`, which is created and migrated where needed.

    The platform is closed at the end of the application's lifespan.

    Raises:
        EnvironmentFault: the folder, the keys or the database cannot be used.
    """
    core = Core(config, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        core.close()

    app = FastAPI(
        title="Fair Witness platform", version=VERSION, openapi_url=None, lifespan=lifespan, redirect_slashes=False
    )
    app.state.core = core
    app.state.enrol_rate = RateLimit(config.limits.enrol_per_minute, clock)
    app.state.device_rate = RateLimit(config.limits.enrol_per_minute, clock)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat, so that what follows sees every route there is
    faults.install(app)
    for route in app.routes:
        access_rule(route)
    return app


def access_rule(route: object) -> AccessRule:
    """The one rule of a route. Raises `TypeError`, a bug, where it has none or several: such an application never starts."""
    if not isinstance(route, APIRoute):
        raise TypeError("every route of the platform is an APIRoute with an access rule")
    calls: list[object] = [dependency.call for dependency in route.dependant.dependencies]
    declared = [call for call in calls if isinstance(call, AccessRule)]
    if len(declared) != 1:
        raise TypeError(f"{route.path} must declare exactly one access rule")
    return declared[0]


def interface(app: FastAPI) -> dict[str, Any]:
    """The interface as OpenAPI: every error is an `Error`, and all routes but three ask for a token."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    document["components"] = {
        "schemas": {"Error": ERROR},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    failure = {
        "description": "Refused.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for route in app.routes:
        if isinstance(route, APIRoute):
            rule = access_rule(route)
            for method in route.methods or ():
                operation = document["paths"][route.path][method.lower()]
                operation["description"] = f"{operation.get('description', '')}\n\nFor {rule.described}."
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = failure
                if rule.needs_token:
                    operation["security"] = [{"token": []}]
    return document
