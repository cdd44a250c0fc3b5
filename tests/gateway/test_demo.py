"""Sample officers and generated keys exist with DEMO only."""

import stat
from pathlib import Path

import pytest

from gateway.signing import SigningKeyMissing
from tests.gateway.conftest import StartGateway
from tests.tokens import TOWN


async def test_an_officer_is_named_by_sub_or_by_role_and_division(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    for body in ({"sub": "town-officer-150623100"}, {"role": "town-officer", "division": TOWN}):
        answer = await gateway.client.post("/v1/demo/tokens", json=body)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["sub"], answer.json()["expires_in"]) == ("town-officer-150623100", 12 * 3600)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await gateway.get(f"/v1/towns/{TOWN}/overview", as_=headers)).status_code == 200
        assert (await gateway.get("/v1/audit", as_=headers)).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sub": "nobody"}, 404),
        ({"role": "town-officer", "division": "150623"}, 404),
        ({"role": "town-officer"}, 422),
        ({"sub": "auditor-150623", "role": "auditor", "division": "150623"}, 422),
        ({}, 422),
    ],
)
async def test_an_officer_who_is_not_there(start_gateway: StartGateway, body: dict[str, str], status: int) -> None:
    gateway = await start_gateway()
    assert (await gateway.client.post("/v1/demo/tokens", json=body)).status_code == status


async def test_officers_are_listed_by_role_and_division(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    for query, subs in (
        ("", ["auditor-150623", "town-officer-150623100"]),
        ("?role=auditor", ["auditor-150623"]),
        (f"?division={TOWN}", ["town-officer-150623100"]),
    ):
        listed = (await gateway.client.get(f"/v1/demo/officers{query}")).json()
        assert [officer["sub"] for officer in listed["items"]] == subs


async def test_without_demo_nobody_gets_a_token_for_the_asking(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(demo=False)
    asked = await gateway.client.post("/v1/demo/tokens", json={"sub": "town-officer-150623100"})
    assert asked.status_code == 404
    assert (await gateway.client.get("/v1/demo/officers")).status_code == 404
    assert (await gateway.client.get("/.well-known/jwks.json")).status_code == 200


async def test_without_demo_no_signing_key_is_made_up(start_gateway: StartGateway, tmp_path: Path) -> None:
    with pytest.raises(SigningKeyMissing):
        await start_gateway(demo=False, signing_key_file=tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


async def test_with_demo_a_missing_key_is_made_for_its_owner_alone(start_gateway: StartGateway, tmp_path: Path) -> None:
    file = tmp_path / "made" / "signing.json"
    first = await start_gateway(signing_key_file=file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    published = (await first.client.get("/.well-known/jwks.json")).json()
    assert [sorted(key) for key in published["keys"]] == [["crv", "kid", "kty", "x"]], "nothing private"
    second = await start_gateway(signing_key_file=file)
    assert (await second.client.get("/.well-known/jwks.json")).json() == published
