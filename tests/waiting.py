"""Waiting for a condition, with a limit: the only way in which tests wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T | None]], *, within: float = 20.0) -> T:
    """The first answer that is true; TimeoutError with the last answer when there is none in time."""
    answer: T | None = None
    try:
        async with asyncio.timeout(within):
            while not (answer := await ask()):  # noqa: ASYNC110 -- what is waited for is outside of this process
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TimeoutError(f"still {answer!r} after {within} s") from None
    return answer
