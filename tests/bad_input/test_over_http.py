"""Bad input to a real process: each gets a problem document that says what and where, and changes nothing."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import a_resident_id
from tests.chassis.test_crash_points import HOUSEHOLD, Town, town
from tests.chassis.uploads.test_xlsx import bomb, sheet_xml, with_sheet
from tests.processes import ServiceProcess, running
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE

__all__ = ["town"]

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COMPARISON = "/v1/comparisons?kind=medical&month=2024-03"
PIECE = b"x" * 62_500
PIECES = 8_000
"""Half a gigabyte in all."""
MOST_MB = 80
ROWS = """
select (select count(*) from household) as households, (select count(*) from member) as members,
       (select count(*) from signal) as signals, (select count(*) from comparison) as comparisons,
       (select count(*) from chassis.outbox) as messages, (select count(*) from chassis.operations) as operations,
       (select count(*) from pg_tables where schemaname = 'uploads') as staged
"""


@dataclass(frozen=True, slots=True)
class Bad:
    """A request, and what is said of it; `where` is the JSON pointer of the first error."""

    path: str
    content: bytes
    status: int
    code: str
    where: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def person(**given: Any) -> dict[str, Any]:
    return {"name": "斯琴·高娃", "relation": "0", "resident_id": a_resident_id(), **given}


def registration(*members: dict[str, Any], **given: Any) -> bytes:
    return json.dumps({**HOUSEHOLD, "members": list(members) or [person()], **given}).encode()


WRONG_DIGIT = a_resident_id(77)[:-1] + ("0" if a_resident_id(77)[-1] != "0" else "1")
FUTURE = str(date(2124, 3, 13))
BAD = {
    "no-json": Bad("/v1/households", b'{"division": "15', 422, "invalid", ""),
    "empty": Bad("/v1/households", b"", 422, "invalid", "/"),
    "another-type": Bad("/v1/households", b"[1, 2]", 422, "invalid", "/"),
    "not-utf-8": Bad("/v1/households", b'{"division": "\xff\xfe"}', 400, "bad-request"),
    "deep": Bad("/v1/households", b"[" * 100_000 + b"]" * 100_000, 400, "bad-request"),
    "huge-number": Bad("/v1/households", b'{"division": ' + b"9" * 5000 + b"}", 400, "bad-request"),
    "not-a-number": Bad("/v1/households", registration(division=float("nan")), 422, "invalid", "/division"),
    "nul": Bad("/v1/households", registration(person(name="a\0b")), 422, "invalid-household", "/members/0/name"),
    "lone-surrogate": Bad("/v1/households", registration(person(name="a\ud800b")), 422, "invalid", "/members/0/name"),
    "wrong-type": Bad("/v1/households", registration(household_type=7), 422, "invalid", "/household_type"),
    "unknown-field": Bad("/v1/households", registration(colour="red"), 422, "invalid", "/colour"),
    "no-such-day": Bad("/v1/households", registration(person(born_on="2024-02-30")), 422, "invalid",
                       "/members/0/born_on"),
    "wrong-check-digit": Bad("/v1/households", registration(person(resident_id=WRONG_DIGIT)), 422, "invalid-household",
                             "/members/0/resident_id"),
    "unknown-code": Bad("/v1/households", registration(household_type="rich"), 422, "invalid", "/household_type"),
    "nobody": Bad("/v1/households", json.dumps({**HOUSEHOLD, "members": []}).encode(), 422, "invalid", "/members"),
    "no-key": Bad("/v1/households", registration(), 422, "invalid", None, {"Idempotency-Key": ""}),
    "too-large": Bad("/v1/households", b'{"x": "' + b"x" * 1_000_000 + b'"}', 413, "too-large"),
    "no-such-path": Bad("/v1/nothing", b"{}", 404, "not-found"),
    "no-such-household": Bad(f"/v1/households/{'x' * 5000}/corrections", b"{}", 422, "invalid", None,
                             {"If-Match": '"1"'}),
    "no-such-kind": Bad("/v1/comparisons?kind=weather&month=2024-03", b"x", 422, "invalid", None,
                        {"Content-Type": CSV}),
    "no-such-month": Bad("/v1/comparisons?kind=medical&month=2024-13", b"x", 422, "invalid", None,
                         {"Content-Type": CSV}),
    "not-a-csv": Bad(COMPARISON, b"%PDF-1.7\n" + bytes(range(256)) * 10, 422, "file-format", None,
                     {"Content-Type": CSV}),
    "no-headings": Bad(COMPARISON, "甲,乙,丙\n1,2,3\n".encode(), 422, "heading-missing", None, {"Content-Type": CSV}),
    "not-a-workbook": Bad(COMPARISON, b"name,id\n", 422, "file-format", None, {"Content-Type": XLSX}),
    "zip-bomb": Bad(COMPARISON, bomb(), 422, "zip-bomb", None, {"Content-Type": XLSX}),
    "lying-dimension": Bad(COMPARISON, with_sheet(sheet_xml("", "A1:XFD1048576")), 422, "dimension", None,
                           {"Content-Type": XLSX}),
    "wrong-media-type": Bad(COMPARISON, b"x", 415, "media-type", None, {"Content-Type": "image/png"}),
}  # fmt: skip


@pytest.fixture
async def server(town: Town) -> AsyncIterator[ServiceProcess]:
    async with running(town.environment) as process:
        yield process


async def counts(town: Town) -> object:
    return await town.value(f"select to_jsonb(counted) from ({ROWS}) as counted")


def said(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["title"]
    assert body["type"] == f"urn:shouwang:problem:{body['code']}"
    return answer.status_code, body["code"]


async def test_each_gets_a_problem_document_and_changes_nothing(town: Town, server: ServiceProcess) -> None:
    client = server.client
    assert (await client.post("/v1/households", json=HOUSEHOLD, headers=town.officer("good"))).status_code == 201
    before = await counts(town)
    wrong: dict[str, Any] = {}
    for name, bad in BAD.items():
        headers = {**town.officer(f"bad-{name}"), "Accept-Language": "en", **bad.headers}
        answer = await client.post(bad.path, content=bad.content, headers=headers)
        pointer = answer.json().get("errors", [{}])[0].get("pointer")
        if said(answer) != (bad.status, bad.code) or (bad.where is not None and pointer != bad.where):
            wrong[name] = said(answer), pointer
        in_chinese = {**town.officer(f"zh-{name}"), **bad.headers}
        chinese = await client.post(bad.path, content=bad.content, headers=in_chinese)
        if not any("一" <= letter <= "鿿" for letter in chinese.json()["title"]):
            wrong[f"{name} in Chinese"] = chinese.text[:300]
    assert wrong == {}
    assert await counts(town) == before
    assert server.process.poll() is None
    assert (await client.post("/v1/households", json=_another(), headers=town.officer("good-2"))).status_code == 201


def _another() -> dict[str, Any]:
    return {**HOUSEHOLD, "members": [person()]}


async def test_what_stands_against_it_is_said_by_its_status(town: Town, server: ServiceProcess) -> None:
    client = server.client
    first = await client.post("/v1/households", json=HOUSEHOLD, headers=town.officer("first"))
    home = f"/v1/households/{first.json()['id']}"
    before = await counts(town)
    body = {"on": "2024-03-12", "reason": "home-visit", "household_type": "relieved"}
    stale = await client.post(f"{home}/corrections", json=body, headers={**town.officer("s"), "If-Match": '"9"'})
    assert said(stale) == (412, "stale")
    missing = await client.post(f"{home}/corrections", json=body, headers=town.officer("m"))
    assert said(missing)[0] == 422
    other = {**_another(), "division": OTHER_TOWN_VILLAGE}
    issuer = town.issuer.app(VILLAGE[:9], client="town-app", scopes=["household:write"])
    foreign = await client.post("/v1/households", json=other, headers={**issuer, "Idempotency-Key": "f"})
    assert said(foreign)[0] in (403, 404)
    reused = await client.post("/v1/households", json=_another(), headers=town.officer("first"))
    assert said(reused)[0] == 422
    again = await client.post("/v1/households", json=HOUSEHOLD, headers=town.officer("first"))
    assert (again.status_code, again.json()) == (201, first.json())
    assert await counts(town) == before
    nobody = await client.post("/v1/households", json=_another(), headers={"Idempotency-Key": "n"})
    assert said(nobody)[0] == 401


async def _half_a_gigabyte() -> AsyncIterator[bytes]:
    for _ in range(PIECES):
        yield PIECE


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("media_type", [CSV, XLSX])
async def test_500_mb_are_refused_with_flat_memory(
    town: Town, server: ServiceProcess, media_type: str, announced: bool
) -> None:
    before, memory = await counts(town), _peak_mb(server.process.pid)
    headers = town.officer("large", media_type)
    if announced:
        headers["Content-Length"] = str(PIECES * len(PIECE))
    try:
        answer = await server.client.post(COMPARISON, content=_half_a_gigabyte(), headers=headers, timeout=120)
    except httpx.WriteError:
        # It was refused while most of it had still to come: who goes on sending may find the connection closed.
        assert announced
    else:
        assert said(answer)[0] in (413, 422)
    assert _peak_mb(server.process.pid) - memory < MOST_MB
    assert await counts(town) == before
    assert (await server.client.get("/readyz")).status_code == 200


async def test_an_upload_that_breaks_off_leaves_nothing(town: Town, server: ServiceProcess) -> None:
    before = await counts(town)
    address = server.client.base_url
    lines = "".join(f"{name}: {value}\r\n" for name, value in town.officer("cut", CSV).items())
    head = f"POST {COMPARISON} HTTP/1.1\r\nHost: {address.host}\r\nContent-Length: 1000000\r\n{lines}\r\n"

    def cut() -> None:
        with socket.create_connection((str(address.host), int(address.port or 0))) as opened:
            opened.sendall(head.encode() + "结算单号,姓名".encode())

    await asyncio.to_thread(cut)
    assert (await server.client.get("/readyz")).status_code == 200
    again = await server.client.post("/v1/households", json=_another(), headers=town.officer("after"))
    assert again.status_code == 201
    now = await counts(town)
    assert isinstance(before, dict)
    assert isinstance(now, dict)
    assert (now["staged"], now["comparisons"], now["operations"]) == (
        before["staged"], before["comparisons"], before["operations"],
    )  # fmt: skip


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes) / 1024
