"""The gateway's tokens and its overview, beside a running monitoring service on real engines."""

import asyncio
import json
from pathlib import Path

import httpx
from asgi_lifespan import LifespanManager

from contracts.access import Role
from gateway.main import SERVICE, build
from gateway.services import Services
from gateway.settings import Settings
from sampletown import build_town
from tests.apps import SECRET, StartApp
from tests.engines import FreshDatabase, Topics
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import TOWN, VILLAGE, Issuer


async def test_a_fresh_gateway_catches_up_and_shows_what_the_registry_holds(
    start_app: StartApp, fresh_database: FreshDatabase, kafka: Topics, issuer: Issuer, tmp_path: Path
) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    monitoring = await start_app("monitoring", worker=True)
    made = [(await monitoring.post("/v1/households", A_HOUSEHOLD)).json() for _ in range(5)]
    officers = tmp_path / "officers.json"
    officers.write_text(
        json.dumps(
            [
                {"sub": o.sub, "name": o.name, "organisation": o.organisation, "roles": o.roles, "division": o.division}
                for o in build_town(1, "tiny").officers
            ]
        )
    )
    app = build(
        SERVICE,
        Settings(
            database_url=await fresh_database("gateway"),
            database_pool=4,
            kafka_bootstrap_servers=kafka.bootstrap_servers,
            kafka_fetch_max_wait_ms=5,
            topic_prefix=kafka.prefix,
            person_key_secret=SECRET,
            jwks=str(issuer.jwks),
            demo=True,
            heartbeat_s=0.2,
            log_level="ERROR",
            signing_key_file=tmp_path / "signing.json",
            officers_file=officers,
            services={},
        ),
    )
    app.state.services = Services(
        {"monitoring": "http://test"}, {"monitoring": httpx.ASGITransport(app=monitoring.app)}
    )
    async with (
        LifespanManager(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        officer = issuer.officer(Role.TOWN_OFFICER)
        async with asyncio.timeout(30):
            while True:
                overview = (await client.get(f"/v1/towns/{TOWN}/overview", headers=officer)).json()
                part = overview["parts"]["monitoring"]
                if part["available"] and part["households"] == 5:
                    break
                await asyncio.sleep(0.05)
        assert part["persons"] == 10
        assert part["by_type"] == {"ordinary": 5}
        assert part["by_village"] == {VILLAGE: 5}
        assert overview["current_to"] is not None
        # What is not built is unavailable, never zero.
        assert overview["parts"]["relief"]["because"] == "not-built"
        hidden = await client.get("/v1/towns/150623101/overview", headers=officer)
        assert hidden.status_code == 404

        dossier = (await client.get(f"/v1/households/{made[0]['id']}/dossier", headers=officer)).json()
        assert dossier["parts"]["household"]["content"]["members"][0]["name"] == "阿*****"
        assert dossier["parts"]["assets"]["available"] is False

        passed = await client.get(f"/monitoring/v1/households/{made[0]['id']}", headers=officer)
        assert passed.status_code == 200
        created = await client.post(
            "/monitoring/v1/households", json=A_HOUSEHOLD, headers={**officer, "Idempotency-Key": "through-the-gateway"}
        )
        assert created.status_code == 201
        assert created.headers["location"].startswith("/monitoring/v1/households/")
        down = await client.get("/relief/v1/anything", headers=officer)
        assert (down.status_code, down.json()["code"]) == (503, "service-unavailable")

        token = await client.post("/v1/demo/tokens", json={"role": "county-officer", "division": "150623"})
        assert token.status_code == 200
        assert token.json()["sub"] == "county-officer-150623"
        keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
        assert all("d" not in key for key in keys)
        refused = await client.post(
            "/v1/oauth/token", data={"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}
        )
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
