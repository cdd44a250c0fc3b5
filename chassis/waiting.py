"""Waiting that can always be ended."""

import asyncio
import contextlib


async def until_set(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or as long as it may take.

    `asyncio.wait_for` of Python 3.11 forgets that it was cancelled when the event comes at the same moment, and a
    worker that is told to stop would go on for ever.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
