"""An ordinary FastAPI app over raw asyncpg: one statement writes, JSON built in SQL reads. No audit, no tokens.

It writes into tables of its own (W1) and reads monitoring's (R1, R2), so both sides read the same rows.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException, Request, Response

from bench.baselines.forms import HouseholdForm
from bench.baselines.serving import database, serve

_INSERT = """
with household as (
    insert into household (id, division, household_type, risks) values ($1, $2, $3, $4::jsonb)
), members as (
    insert into member
    select * from jsonb_to_recordset($5::jsonb) as new (
        id uuid, household_id uuid, place int, name text, relation text, resident_id text, ethnicity text,
        health text, labour text, phone text)
)
insert into outbox (topic, key, payload) values ('household', $1::text, $6::jsonb)
"""
_BODY = """
json_build_object(
    'id', household.id, 'version', version, 'division', division, 'household_type', household_type,
    'national_no', national_no, 'monitored_class', monitored_class, 'resettlement_site', resettlement_site,
    'registered_on', registered_on, 'ended_on', ended_on, 'ended_how', ended_how, 'risks', risks,
    'guarantees', guarantees, 'monitored', monitored, 'successors', successors, 'taken_over', taken_over,
    'members', (select coalesce(json_agg(json_build_object(
        'id', member.id, 'relation', relation, 'name', masked_name, 'resident_id', masked_resident_id,
        'phone', masked_phone, 'sex', sex, 'born_on', born_on, 'ethnicity', ethnicity, 'education', education,
        'schooling', schooling, 'health', health, 'labour', labour, 'joined_on', joined_on, 'left_on', left_on,
        'left_reason', left_reason, 'passed_to', passed_to) order by place), '[]')
        from member where household_id = household.id))
"""
_ONE = f"select {_BODY}::text from household where id = $1"
_PAGE = f"""
select coalesce(json_agg({_BODY} order by household.id), '[]')::text
from household join (select id from household order by id limit $1) as page using (id)
"""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(database(), min_size=8, max_size=8) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/households", status_code=201)
async def post_household(form: HouseholdForm, request: Request) -> dict[str, str]:
    identifier = str(uuid4())
    members = [
        {"id": str(uuid4()), "household_id": identifier, "place": place, **member.model_dump()}
        for place, member in enumerate(form.members)
    ]
    event = {"id": identifier, "division": form.division, "household_type": form.household_type}
    await request.app.state.pool.execute(
        _INSERT,
        identifier,
        form.division,
        form.household_type,
        json.dumps([risk.model_dump() for risk in form.risks]),
        json.dumps(members),
        json.dumps(event),
    )
    return {"id": identifier}


@app.get("/households/{household_id}")
async def get_household(household_id: UUID, request: Request) -> Response:
    body = await request.app.state.pool.fetchval(_ONE, household_id)
    if body is None:
        raise HTTPException(404)
    return Response(body, media_type="application/json")


@app.get("/households")
async def list_households(request: Request, limit: int = 100) -> Response:
    return Response(await request.app.state.pool.fetchval(_PAGE, limit), media_type="application/json")


if __name__ == "__main__":
    serve(app)
