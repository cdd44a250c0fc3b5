"""Tokens for apps by client credentials, read as an OAuth client reads them."""

import base64
import shutil
import time
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from contracts.access import Role
from gateway.app_clients import parse_clients
from gateway.new_app_client import new_entry
from tests.gateway.conftest import APP_SECRET, RunningGateway, StartGateway
from tests.tokens import TOWN

TOKEN = "/v1/oauth/token"


def asked(**form: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_id": "clinic", "client_secret": APP_SECRET, **form}


def basic(client_id: str, secret: str) -> dict[str, str]:
    credentials = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


async def token(gateway: RunningGateway, **form: str) -> dict[str, str]:
    answer = await gateway.client.post(TOKEN, data=asked(**form))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_an_app_gets_what_it_is_registered_for(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.post(TOKEN, data=asked())
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert body["scope"] == "household:read household:write overview:read"
    assert answer.headers["cache-control"] == "no-store"
    keys = KeySet.import_key_set((await gateway.client.get("/.well-known/jwks.json")).json())
    claims = jwt.decode(body["access_token"], keys, algorithms=["Ed25519"]).claims
    assert (claims["app"], claims["division"], claims["client_id"]) == (True, TOWN, "clinic")
    assert claims["exp"] - claims["iat"] == 3600
    assert "roles" not in claims


async def test_the_secret_may_come_by_http_basic(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    form = {"grant_type": "client_credentials"}
    answer = await gateway.client.post(TOKEN, data=form, headers=basic("clinic", APP_SECRET))
    assert answer.status_code == 200, answer.text


async def test_a_narrowed_token_does_only_what_it_names(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    narrow = await token(gateway, scope="household:read")
    refused = await gateway.get(f"/v1/towns/{TOWN}/overview", as_=narrow)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    wide = await token(gateway, scope="overview:read household:read")
    assert (await gateway.get(f"/v1/towns/{TOWN}/overview", as_=wide)).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (asked(client_secret="wrong"), 401, "invalid_client"),
        (asked(client_id="nobody"), 401, "invalid_client"),
        (asked(scope="no:such"), 400, "invalid_scope"),
        (asked(scope="household:read household:import"), 400, "invalid_scope"),
        (asked(scope="flag:decide"), 400, "invalid_scope"),
        (asked(grant_type="password"), 400, "unsupported_grant_type"),
        ({"client_id": "clinic", "client_secret": APP_SECRET}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "clinic"}, 401, "invalid_client"),
    ],
)
async def test_a_refusal_has_the_form_of_the_standard(
    start_gateway: StartGateway, form: dict[str, str], status: int, error: str
) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.post(TOKEN, data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert APP_SECRET not in answer.text
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=password", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"scope=" + b"a" * 9000, "application/x-www-form-urlencoded"),
    ],
)
async def test_a_malformed_request_is_refused(start_gateway: StartGateway, content: bytes, content_type: str) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.post(TOKEN, content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_credentials_given_twice_are_refused(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.post(TOKEN, data=asked(), headers=basic("clinic", APP_SECRET))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_app_that_claims_a_role_has_none(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.post(TOKEN, data=asked(roles=Role.ADMINISTRATOR, role=Role.ADMINISTRATOR))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await gateway.get("/v1/log-findings", as_=headers)).status_code == 403


def test_a_step_of_a_procedure_cannot_be_registered_for_an_app() -> None:
    with pytest.raises(ValueError, match="flag:decide"):
        new_entry("x", scopes=["flag:decide"], division=TOWN, organisation="", secret="s")


def test_a_client_id_is_registered_once() -> None:
    entry = '{"client_id": "a", "secret_hash": "scrypt$2$8$1$AA==$AA==", "scopes": [], "division": "150623"}'
    with pytest.raises(ValueError, match="twice"):
        parse_clients(f"[{entry}, {entry}]")


async def test_an_app_registered_while_running_is_known(
    start_gateway: StartGateway, tmp_path: Path, app_clients_file: Path
) -> None:
    file = tmp_path / "clients.json"
    gateway = await start_gateway(app_clients_file=file)
    assert (await gateway.client.post(TOKEN, data=asked())).status_code == 401
    shutil.copy(app_clients_file, file)
    assert (await gateway.client.post(TOKEN, data=asked())).status_code == 200
    file.write_text("not json")
    assert (await gateway.client.post(TOKEN, data=asked())).status_code == 200, "a broken change is not taken over"


async def test_an_expired_token_is_refused(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    claims = {"sub": "clinic", "client_id": "clinic", "app": True, "scope": "overview:read", "division": TOWN}
    path = f"/v1/towns/{TOWN}/overview"
    for age, status in ((30, 401), (-60, 200)):
        signed = gateway.issuer.sign({**claims, "exp": int(time.time()) - age})
        answer = await gateway.get(path, as_={"Authorization": f"Bearer {signed}"})
        assert answer.status_code == status


async def test_the_metadata_lead_to_the_token_endpoint(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(public_url="https://watch.example/")
    metadata = (await gateway.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint"] == f"https://watch.example{TOKEN}"
    assert metadata["jwks_uri"] == "https://watch.example/.well-known/jwks.json"
    assert "flag:decide" not in metadata["scopes_supported"]
