"""The OpenAPI documents of the services and the gateway, from their apps as a deployment assembles them."""

import importlib
import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from joserfc.jwk import OKPKey

from chassis.settings import Settings
from tools.message_types import SERVICES


def documents() -> dict[str, dict[str, Any]]:
    """The document of each service whose app exists, by service."""
    with tempfile.TemporaryDirectory() as directory:
        apps = {service: app_of(service, Path(directory)) for service in SERVICES}
        return {service: app.openapi() for service, app in apps.items() if app is not None}


def app_of(service: str, directory: Path) -> FastAPI | None:
    """The app of a service without demo routes, nothing opened; None while the service has no main module.

    `directory` takes the throwaway key that an app which signs tokens wants to see.
    """
    package = "gateway" if service == "gateway" else f"services.{service}"
    if importlib.util.find_spec(f"{package}.main") is None:
        return None
    app: FastAPI = importlib.import_module(f"{package}.main").create_app(neutral_settings(package, directory))
    return app


def neutral_settings(package: str, directory: Path) -> Settings:
    """The settings that a package reads, at their defaults: no engine is there, no variable of this shell counts."""
    kind = settings_class(package)
    key_file = directory / "signing-key.json"
    key_file.write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    required = {
        "database_url": "postgresql+asyncpg://nobody@nowhere/nothing",
        "kafka_bootstrap_servers": "nowhere:9092",
        "person_key_secret": "none",
        "jwks": "none",
        "signing_key_file": key_file,
    }
    values: dict[str, Any] = {
        name: required[name] if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
    }
    return kind(**values)


def settings_class(package: str) -> type[Settings]:
    """The settings of a package: its own where it has some, otherwise those that all share."""
    if importlib.util.find_spec(f"{package}.settings") is None:
        return Settings
    module = importlib.import_module(f"{package}.settings")
    own = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Settings))
    return max(own, key=lambda candidate: len(candidate.__mro__))
