"""Attachments over HTTP: kept whole or not at all, read with a purpose, inside of the caller's division."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis import database
from contracts.access import Role
from tests.apps import RunningApp, StartApp
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE

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
