"""Attachments over HTTP: kept whole or not at all, read with a purpose, inside of the caller's division."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import database
from chassis.attachments.sweep import remove_orphans
from contracts.access import Role
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE
from tests.waiting import eventually

PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
LIMIT = 10_000


@pytest.fixture
async def app(start_app: StartApp) -> RunningApp:
    return await start_app("monitoring", attachment_limit_bytes=LIMIT)


async def send(
    app: RunningApp, content: bytes = PDF, *, division: str = VILLAGE, key: str | None = None, **headers: str
) -> httpx.Response:
    sent = {**app.officer(), "Idempotency-Key": key or uuid4().hex, "Content-Type": "application/octet-stream"}
    return await app.client.post(
        f"/v1/attachments?division={division}&purpose=visit", content=content, headers={**sent, **headers}
    )


def files(root: Path) -> int:
    return sum(1 for path in root.rglob("*") if path.is_file())


async def kept(app: RunningApp) -> tuple[int, int]:
    """Rows and files."""
    async with database.connect(app.runtime.engine) as connection:
        rows = await connection.fetchval("select count(*) from chassis.attachments")
    return rows, files(app.settings.attachments_directory)


async def test_what_was_stored_is_read_back_by_who_says_why(app: RunningApp) -> None:
    made = await send(app)
    assert (made.status_code, made.json()["media_type"], made.json()["size"]) == (201, "application/pdf", len(PDF))
    path = made.headers["Location"] + "/content"
    assert (await app.get(path)).json()["code"] == "purpose-missing"
    read = await app.get(path, **{"X-Purpose": "town check"})
    assert (read.content, read.headers["content-type"]) == (PDF, "application/pdf")
    assert read.headers["etag"] == f'"{made.json()["sha256"]}"'
    audited = (await app.get("/v1/audit?unmasked=true", as_=app.officer(Role.AUDITOR))).json()["items"]
    assert [one["purpose"] for one in audited] == ["town check"]


async def test_a_repeated_upload_is_kept_once(app: RunningApp) -> None:
    first, second = await send(app, key="k"), await send(app, key="k")
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await kept(app) == (1, 1)
    other = await send(app, PDF.replace(b"synthetic", b"different"), key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await kept(app) == (1, 1)


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"plain text", {}, 422, "attachment-type"),
        (b"", {}, 422, "attachment-type"),
        (PDF[:-7], {}, 422, "attachment-damaged"),
        (PDF + b" " * LIMIT, {}, 413, "upload-too-large"),
        (PDF, {"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, 422, "digest-mismatch"),
    ],
)
async def test_what_is_refused_keeps_nothing(
    app: RunningApp, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    refused = await send(app, content, **headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert await kept(app) == (0, 0)


async def test_outside_of_the_division_there_is_nothing(app: RunningApp) -> None:
    assert (await send(app, division=OTHER_TOWN_VILLAGE)).status_code == 404
    made = await send(app)
    stranger = app.officer(Role.TOWN_OFFICER, OTHER_TOWN_VILLAGE[:9])
    for path in ("", "/content"):
        found = await app.get(made.headers["Location"] + path, as_=stranger, **{"X-Purpose": "curious"})
        assert found.status_code == 404


LOSE_THE_COMMIT = """
create function lose() returns trigger language plpgsql as $$
begin
    perform pg_terminate_backend(pg_backend_pid());
    return null;
end
$$;
create constraint trigger lose after insert on chassis.attachments initially deferred
    for each row execute function lose();
"""
REFUSE = LOSE_THE_COMMIT.replace("perform pg_terminate_backend(pg_backend_pid())", "raise exception 'refused'").replace(
    "initially deferred", "initially immediate"
)


async def in_database(app: RunningApp, statements: str) -> None:
    async with database.connect(app.runtime.engine) as connection:
        await connection.execute(statements)


@pytest.fixture
async def failing(start_app: StartApp) -> RunningApp:
    """An app that answers 500 when something unexpected happens."""
    return await start_app("monitoring", raises=False)


async def test_content_goes_when_its_command_is_rolled_back_for_certain(failing: RunningApp) -> None:
    await in_database(failing, REFUSE)
    assert (await send(failing, key="k")).status_code == 500
    assert await kept(failing) == (0, 0)
    await in_database(failing, "drop trigger lose on chassis.attachments")
    assert (await send(failing, key="k")).status_code == 201
    assert await kept(failing) == (1, 1)


async def test_content_stays_when_nobody_heard_how_the_commit_ended(failing: RunningApp) -> None:
    await in_database(failing, LOSE_THE_COMMIT)
    assert (await send(failing)).status_code in (500, 503)
    assert await kept(failing) == (0, 1)


async def test_content_that_nothing_knows_of_is_swept_after_a_day(failing: RunningApp) -> None:
    known = UUID((await send(failing)).json()["id"])
    await in_database(failing, LOSE_THE_COMMIT)
    await send(failing)
    await in_database(failing, "drop trigger lose on chassis.attachments")
    paths = [path for path in failing.settings.attachments_directory.rglob("*") if path.is_file()]
    young = datetime.now(UTC)
    for path in paths:
        os.utime(path, (young.timestamp(), young.timestamp()))
    store = failing.runtime.attachments
    async with database.connect(failing.runtime.engine) as connection:
        assert await remove_orphans(connection, store, stored_before=young - timedelta(seconds=1)) == 0
        assert await kept(failing) == (1, 2)
        assert await remove_orphans(connection, store, stored_before=young + timedelta(seconds=1)) == 1
    assert await kept(failing) == (1, 1)
    read = await failing.get(f"/v1/attachments/{known}/content", **{"X-Purpose": "town check"})
    assert read.content == PDF


async def test_the_worker_sweeps_by_its_setting(start_app: StartApp, kafka: Topics) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app("monitoring", raises=False)
    await in_database(app, LOSE_THE_COMMIT)
    await send(app)
    await send(app)
    old, recent = sorted(path for path in app.settings.attachments_directory.rglob("*") if path.is_file())
    day = timedelta(days=app.settings.attachment_orphan_days)
    for path, age in ((old, day + timedelta(minutes=1)), (recent, day - timedelta(minutes=1))):
        instant = (datetime.now(UTC) - age).timestamp()
        os.utime(path, (instant, instant))
    await start_app("monitoring", worker=True, database_url=app.settings.database_url)

    async def swept() -> bool:
        return not old.exists()

    await eventually(swept)
    assert recent.exists()


async def test_no_service_sweeps_what_another_one_stored(app: RunningApp, start_app: StartApp) -> None:
    await send(app)
    other = await start_app("relief", attachments_directory=app.settings.attachments_directory)
    assert await other.runtime.attachments.stored_before(datetime.now(UTC) + timedelta(days=1)) == []
