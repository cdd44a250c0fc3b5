"""A cancellation that an error hides is carried out all the same."""

import asyncio
import contextlib

import pytest

from chassis.outages import UNREACHABLE, end_if_cancelled


async def goes_on(*, ends: bool) -> None:
    """A loop that is cut off in a driver which answers with an error of its own."""
    for _ in range(50):
        try:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                raise OSError("the connection is in the midst of something") from None
        except UNREACHABLE:
            if ends:
                end_if_cancelled()


@pytest.mark.parametrize("ends", [True, False])
async def test_a_hidden_cancellation_ends_the_loop(ends: bool) -> None:
    task = asyncio.create_task(goes_on(ends=ends))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled() is ends


async def test_nothing_happens_while_nobody_cancels() -> None:
    end_if_cancelled()
