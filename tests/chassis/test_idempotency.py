"""A POST with a key has one effect and one answer, whichever way it is carried out: in one statement or in several."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from chassis import database, worker
from chassis.clock import DemoClock
from contracts.access import Role
from tests.apps import RunningApp, StartApp
from tests.tokens import TOWN, VILLAGE
from tests.waiting import eventually

TOGETHER = 100
PERSON = f"{Role.TOWN_OFFICER}-{TOWN}"
HOUSEHOLDS, SIGNALS = "/v1/households", "/v1/signals"
A_HOUSEHOLD: dict[str, Any] = {
    "division": VILLAGE,
    "household_type": "ordinary",
    "members": [{"name": "斯琴·高娃", "relation": "0"}],
}
_FAIL = """
create function fail() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
create trigger fail before insert on chassis.outbox for each row execute function fail();
"""
_HOLD = """
insert into chassis.idempotency_keys (client, person, route, key, request_hash, status, headers, body)
values ('workbench', $1, $2, $3, '', 201, '{}', '')
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A command of one of the two ways: its bodies, what it adds to, and what makes the policy refuse it."""

    app: RunningApp
    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    malformed: dict[str, Any]
    count: str
    forbid: str
    allow: str
    refusal: str
    elsewhere: tuple[str, dict[str, Any]]

    async def send(
        self, key: str = "k", *, body: dict[str, Any] | None = None, as_: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self.app.post(self.path, self.body if body is None else body, key=key, as_=as_)

    async def execute(self, statements: str) -> None:
        async with database.connect(self.app.runtime.engine) as connection:
            await connection.execute(statements)

    async def effects(self) -> int:
        """How many rows there are beyond those that the test began with."""
        async with database.connect(self.app.runtime.engine) as connection:
            count: int = await connection.fetchval(self.count)
        return count - 1


@pytest.fixture(params=["one statement", "several statements"])
async def way(request: pytest.FixtureRequest, start_app: StartApp, business_clock: DemoClock) -> Way:
    business_clock.move(datetime(2024, 3, 12, 4, tzinfo=UTC))
    app = await start_app("monitoring", raises=False)
    known = (await app.post(HOUSEHOLDS, A_HOUSEHOLD)).json()["id"]
    signal = {"household_id": known, "source": "self-declaration", "kind": "illness", "occurred_on": "2024-03-11"}
    if request.param == "one statement":
        numbered = {**A_HOUSEHOLD, "national_no": "n"}
        return Way(
            app,
            HOUSEHOLDS,
            numbered,
            {**numbered, "household_type": "relieved"},
            {**numbered, "members": []},
            "select count(*) from household",
            "update household set national_no = 'n'",
            "update household set national_no = null",
            "national-no-taken",
            (SIGNALS, signal),
        )
    return Way(
        app,
        SIGNALS,
        signal,
        {**signal, "occurred_on": "2024-03-10"},
        {**signal, "occurred_on": "2024-02-30"},
        "select count(*) + 1 from signal",
        "update household set ended_on = '2024-03-01', ended_how = 'moved-away'",
        "update household set ended_on = null, ended_how = null",
        "household-has-ended",
        (HOUSEHOLDS, A_HOUSEHOLD),
    )


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Whether the second is the first one's answer, said to be a repeated one."""
    headers = ("Location", "ETag", "Content-Type")
    return (
        (one.status_code, one.content) == (other.status_code, other.content)
        and [one.headers.get(name) for name in headers] == [other.headers.get(name) for name in headers]
        and "Idempotency-Replayed" not in one.headers
        and other.headers["Idempotency-Replayed"] == "true"
    )


async def test_a_hundred_identical_commands_at_once_have_one_effect(way: Way) -> None:
    answers = await asyncio.gather(*(way.send() for _ in range(TOGETHER)))
    assert await way.effects() == 1
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses.keys() <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["code"], answer.headers["Retry-After"]) == ("operation-in-progress", "1")
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1


async def test_the_same_again_is_answered_as_the_first_time(way: Way) -> None:
    first, again = await way.send(), await way.send()
    assert first.status_code == 201, first.text
    assert same(first, again)
    assert await way.effects() == 1


async def test_the_key_with_another_body_is_refused(way: Way) -> None:
    await way.send()
    refused = await way.send(body=way.other)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert await way.effects() == 1


@asynccontextmanager
async def still_running(way: Way, key: str) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """The first attempt under a key, held up half-way by another transaction until the block is left."""
    observer = await asyncpg.connect(way.app.settings.database_url.replace("+asyncpg", ""))
    try:
        transaction = observer.transaction()
        await transaction.start()
        await observer.execute(_HOLD, PERSON, f"POST {way.path}", key)
        first = asyncio.create_task(way.send(key))

        async def waits() -> bool:
            return bool(await observer.fetchval("select exists (select from pg_locks where not granted)"))

        await eventually(waits)
        yield first
        await transaction.rollback()
    finally:
        await observer.close()


async def test_while_the_first_runs_a_second_is_turned_away_at_once_and_others_go_on(way: Way) -> None:
    async with still_running(way, "k") as first:
        async with asyncio.timeout(5):
            second = await way.send()
            unrelated = await way.app.post(HOUSEHOLDS, A_HOUSEHOLD, key="unrelated")
        assert (second.status_code, second.json()["code"]) == (409, "operation-in-progress")
        assert second.headers["Retry-After"] == "1"
        assert unrelated.status_code == 201
        assert not first.done()
    assert (await first).status_code == 201
    assert same(await first, await way.send())


async def test_a_refusal_by_policy_is_the_answer_ever_after(way: Way) -> None:
    await way.execute(way.forbid)
    refused = await way.send()
    assert (refused.status_code, refused.json()["code"]) == (409, way.refusal)
    await way.execute(way.allow)
    assert same(refused, await way.send())
    assert await way.effects() == 0
    assert (await way.send("another")).status_code == 201


async def test_what_is_malformed_frees_its_key(way: Way) -> None:
    malformed = await way.send(body=way.malformed)
    assert (malformed.status_code, malformed.json()["code"]) == (422, "invalid")
    assert (await way.send()).status_code == 201


async def test_what_failed_frees_its_key(way: Way) -> None:
    await way.execute(_FAIL)
    failed = await way.send()
    assert (failed.status_code, failed.json()["code"]) == (500, "internal")
    assert await way.effects() == 0
    await way.execute("drop trigger fail on chassis.outbox")
    made = await way.send()
    assert made.status_code == 201
    assert "Idempotency-Replayed" not in made.headers


async def test_a_key_belongs_to_person_client_and_route(way: Way) -> None:
    first = await way.send()
    claims = {"sub": PERSON, "client_id": "another", "roles": [Role.TOWN_OFFICER], "division": TOWN}
    another_client = {"Authorization": f"Bearer {way.app.issuer.sign(claims)}"}
    await way.execute("update household set national_no = null")
    for stranger in (way.app.officer(person="another"), another_client):
        own = await way.send(as_=stranger)
        assert own.status_code == 201
        assert own.json()["id"] != first.json()["id"]
        await way.execute("update household set national_no = null")
    path, body = way.elsewhere
    elsewhere = await way.app.post(path, body, key="k")
    assert elsewhere.status_code == 201
    assert same(elsewhere, await way.app.post(path, body, key="k"))
    assert same(first, await way.send())


async def test_who_lost_the_permission_is_refused_and_not_answered(way: Way) -> None:
    person = "the same one"
    first = await way.send(as_=way.app.officer(person=person))
    assert first.status_code == 201
    refused = await way.send(as_=way.app.officer(Role.MUNICIPAL_VIEWER, person=person))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert same(first, await way.send(as_=way.app.officer(person=person)))


async def test_who_moved_to_another_division_finds_nothing_and_who_rose_finds_it(way: Way) -> None:
    person = "the same one"
    first = await way.send(as_=way.app.officer(division=TOWN, person=person))
    moved = await way.send(as_=way.app.officer(division="150623101", person=person))
    assert moved.status_code in (403, 404)
    assert first.json()["id"] not in moved.text
    rose = await way.send(as_=way.app.officer(Role.COUNTY_OFFICER, "150623", person=person))
    assert same(first, rose)


@pytest.mark.parametrize(("past_its_days", "kept"), [(timedelta(minutes=-1), True), (timedelta(minutes=1), False)])
async def test_a_key_is_kept_for_its_days(way: Way, past_its_days: timedelta, kept: bool) -> None:
    first = await way.send()
    age = timedelta(days=way.app.settings.idempotency_days) + past_its_days
    async with database.connect(way.app.runtime.engine) as connection:
        await connection.execute("update chassis.idempotency_keys set recorded_at = now() - $1::interval", age)
        await worker.drop_expired(connection, way.app.runtime)
    await way.execute("update household set national_no = null")
    again = await way.send()
    assert same(first, again) is kept
    assert await way.effects() == (1 if kept else 2)


async def test_what_a_rule_refuses_before_the_statement_is_stored_as_well(start_app: StartApp) -> None:
    app = await start_app("monitoring")
    body = {"division": VILLAGE, "household_type": "ordinary", "members": [{"name": "张三", "relation": "2"}]}
    refused = await app.post(HOUSEHOLDS, body, key="k")
    assert (refused.status_code, refused.json()["code"]) == (409, "head-missing")
    assert same(refused, await app.post(HOUSEHOLDS, body, key="k"))


async def test_an_answer_given_before_comes_before_a_refusal_of_today(way: Way) -> None:
    made = await way.send()
    await way.execute("update household set ended_on = '2024-03-01', ended_how = 'moved-away'")
    assert same(made, await way.send())
