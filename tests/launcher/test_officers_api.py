"""An officer's program goes on when a service was away for a moment, and stops with a plain word when it is refused."""

import json
from collections.abc import Callable

import httpx
import pytest

from launcher.errors import RequestRefused, WorkFailed
from launcher.officers_api import OfficersApi

Answer = httpx.Response | Exception


def api_with(answers: Callable[[httpx.Request, int], Answer], *, patience_s: float = 5.0) -> OfficersApi:
    """An API whose n-th request (from 0, tokens apart) is answered by `answers`."""
    count = iter(range(1_000))

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/demo/tokens":
            return httpx.Response(200, json={"access_token": f"for-{json.loads(request.content)['sub']}"})
        answer = answers(request, next(count))
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://gateway")
    return OfficersApi(client, patience_s=patience_s, pause_s=0)


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code})


PASSING = [
    httpx.ConnectError("refused"),
    problem(503, "service-unavailable"),
    problem(504, "part-silent"),
    problem(409, "operation-in-progress"),
]


@pytest.mark.parametrize("passing", PASSING, ids=["no connection", "503", "504", "in progress"])
async def test_what_passes_is_waited_for_with_the_same_key(passing: Answer) -> None:
    keys = []

    def answers(request: httpx.Request, number: int) -> Answer:
        keys.append(request.headers["Idempotency-Key"])
        return passing if number == 0 else httpx.Response(202, headers={"Location": "/monitoring/v1/operations/1"})

    where = await api_with(answers).upload("/monitoring/v1/imports/national", b"content", "text/csv", "officer")
    assert where == "/monitoring/v1/operations/1"
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_patience_ends() -> None:
    api = api_with(lambda request, number: problem(503, "service-unavailable"), patience_s=0)
    with pytest.raises(RequestRefused, match="503 service-unavailable"):
        await api.get("/monitoring/v1/backlog", "officer")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422])
async def test_a_refusal_is_told_by_its_code_at_once_and_without_the_query(status: int) -> None:
    asked = []

    def answers(request: httpx.Request, number: int) -> Answer:
        asked.append(number)
        return problem(status, "some-reason")

    with pytest.raises(RequestRefused) as refused:
        await api_with(answers).get("/monitoring/v1/flags?household_id=1", "officer")
    assert asked == [0]
    assert refused.value.message_en == f"The request GET /monitoring/v1/flags was not accepted: {status} some-reason"


async def test_two_files_on_one_path_and_one_file_on_two_paths_are_different_commands() -> None:
    keys: list[str] = []

    def answers(request: httpx.Request, number: int) -> Answer:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(202, headers={"Location": "/"})

    api = api_with(answers)
    for path, content in (("/a?month=1", b"x"), ("/a?month=1", b"y"), ("/a?month=2", b"x")):
        await api.upload(path, content, "text/csv", "officer")
    assert len(set(keys)) == 3


async def test_each_officer_acts_with_a_token_of_their_own() -> None:
    bearers: list[str] = []

    def answers(request: httpx.Request, number: int) -> Answer:
        bearers.append(request.headers["Authorization"])
        return httpx.Response(200, json={"items": []})

    api = api_with(answers)
    await api.get("/x", "one")
    await api.get("/x", "two")
    assert bearers == ["Bearer for-one", "Bearer for-two"]


async def test_all_pages_of_a_list_are_followed() -> None:
    def answers(request: httpx.Request, number: int) -> Answer:
        link = {"Link": '</list?cursor=b>; rel="next"'} if number == 0 else {}
        return httpx.Response(200, json={"items": [str(request.url.query, "ascii")]}, headers=link)

    assert await api_with(answers).pages("/list?limit=1", "officer") == ["limit=1", "cursor=b"]


async def test_an_operation_is_followed_to_its_result() -> None:
    states = [
        {"state": "accepted", "progress": {}},
        {"state": "running", "progress": {"rows": 7}},
        {"state": "succeeded", "progress": {"rows": 9}, "result": {"rows": 9}},
    ]
    seen: list[dict[str, int]] = []
    api = api_with(lambda request, number: httpx.Response(200, json=states[number]))
    assert await api.result("/operations/1", "officer", seen.append) == {"rows": 9}
    assert seen == [{}, {"rows": 7}]


async def test_an_operation_that_fails_ends_the_run_with_its_code() -> None:
    failed = {"kind": "comparison", "state": "failed", "progress": {}, "problem": {"code": "gave-up"}}
    api = api_with(lambda request, number: httpx.Response(200, json=failed))
    with pytest.raises(WorkFailed, match="comparison did not succeed: gave-up"):
        await api.result("/operations/1", "officer", lambda progress: None)
