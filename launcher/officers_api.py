"""The API as an officer's program uses it: through the gateway, with a token, and again when there was no answer.

Every command carries a key that belongs to its content, so repeating it is harmless; a service that is just being
started again is waited for.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx

from launcher.errors import RequestRefused, WorkFailed

PATIENCE_S = 60.0
_AGAIN = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_IN_PROGRESS = "operation-in-progress"
Watch = Callable[[dict[str, Any]], None]


class OfficersApi:
    """Requests of sample officers, each named by `sub`."""

    def __init__(self, client: httpx.AsyncClient, *, patience_s: float = PATIENCE_S, pause_s: float = 0.2) -> None:
        self._client = client
        self._patience_s = patience_s
        self._pause_s = pause_s
        self._tokens: dict[str, str] = {}

    async def token(self, officer: str) -> str:
        """A demonstration token, asked for once."""
        if officer not in self._tokens:
            answer = await self._answered("POST", "/v1/demo/tokens", HTTPStatus.OK, json={"sub": officer})
            self._tokens[officer] = answer.json()["access_token"]
        return self._tokens[officer]

    async def get(self, path: str, officer: str) -> dict[str, Any]:
        answer = await self._answered("GET", path, HTTPStatus.OK, headers=await self._bearer(officer))
        body: dict[str, Any] = answer.json()
        return body

    async def pages(self, path: str, officer: str) -> list[dict[str, Any]]:
        """The items of all pages of a list."""
        items: list[dict[str, Any]] = []
        following: str | None = path
        while following is not None:
            answer = await self._answered("GET", following, HTTPStatus.OK, headers=await self._bearer(officer))
            items += answer.json()["items"]
            following = answer.links.get("next", {}).get("url")
        return items

    async def command(self, path: str, body: dict[str, Any], officer: str, key: str) -> None:
        """A command that is only accepted (202)."""
        headers = {**await self._bearer(officer), "Idempotency-Key": key}
        await self._answered("POST", path, HTTPStatus.ACCEPTED, json=body, headers=headers)

    async def post(
        self,
        path: str,
        body: dict[str, Any],
        officer: str,
        *,
        key: str,
        version: int | None = None,
        refused: bool = False,
    ) -> dict[str, Any]:
        """A command with its answer; `version` goes into If-Match, `refused` says that a 409 is what is expected."""
        headers = {**await self._bearer(officer), "Idempotency-Key": key}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        expected = (HTTPStatus.CONFLICT,) if refused else (HTTPStatus.OK, HTTPStatus.CREATED)
        answer = await self._answered("POST", path, *expected, json=body, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    async def sent(self, path: str, content: bytes, media_type: str, officer: str, *, key: str) -> dict[str, Any]:
        """A body that is kept as it is, such as an attachment."""
        headers = {**await self._bearer(officer), "Idempotency-Key": key, "Content-Type": media_type}
        answer = await self._answered("POST", path, HTTPStatus.CREATED, content=content, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    async def upload(self, path: str, content: bytes, media_type: str, officer: str) -> str:
        """Send a file; answers where its operation stands. The same file on the same path has one effect."""
        headers = {
            **await self._bearer(officer),
            "Idempotency-Key": hashlib.sha256(path.encode() + content).hexdigest(),
            "Content-Type": media_type,
        }
        answer = await self._answered("POST", path, HTTPStatus.ACCEPTED, content=content, headers=headers)
        return answer.headers["Location"]

    async def result(self, operation: str, officer: str, watch: Watch) -> dict[str, Any]:
        """Follow an operation to its end; `watch` is told how it stands. Raises WorkFailed."""
        while True:
            body = await self.get(operation, officer)
            if body["state"] == "succeeded":
                result: dict[str, Any] = body["result"]
                return result
            if body["state"] == "failed":
                raise WorkFailed(body["kind"], str(body["problem"]["code"]))
            watch(body["progress"])
            await asyncio.sleep(self._pause_s / 2)

    async def _bearer(self, officer: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(officer)}"}

    async def _answered(self, method: str, path: str, *expected: int, **request: Any) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                answer = await self._client.request(method, path, **request)
            except httpx.TransportError as error:
                status, reason = 0, type(error).__name__
            else:
                if answer.status_code in expected:
                    return answer
                status, reason = answer.status_code, _code_of(answer)
                if status not in _AGAIN and reason != _IN_PROGRESS:
                    raise RequestRefused(f"{method} {path.partition('?')[0]}", status, reason)
            if time.monotonic() > deadline:
                raise RequestRefused(f"{method} {path.partition('?')[0]}", status, reason)
            await asyncio.sleep(self._pause_s)


def _code_of(answer: httpx.Response) -> str:
    """The stable code of a problem document."""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
