"""What a projection says of its age, while it is known that its log does not hold everything."""

from dataclasses import replace
from datetime import datetime

from chassis.subscription import Subscription
from launcher.engines.broker import EmbeddedBroker
from tests.engines import Topics
from tests.many_things import change_many, rows_of_reader
from tests.things import (
    READER,
    SOURCE,
    Process,
    StartProcess,
    ended,
    nothing_pending,
    reader_service,
    source_service,
    topics_of,
)
from tests.waiting import eventually

# It sends and tells its heartbeats, and does not hear what its readers ask for.
deaf_service = replace(source_service, subscription=Subscription())
_HEARD = """
select count(*) = 4 and min(next_offset) >= $1 from chassis.positions where topic like '%.state'
"""


async def current_to(reader: Process) -> datetime | None:
    consumer = reader.worker.consumer
    return consumer.current_to() if consumer is not None and consumer.reading.is_set() else None


async def current_after(reader: Process, instant: datetime) -> bool:
    current = await current_to(reader)
    return current is not None and current > instant


async def test_a_first_start_is_not_current_until_its_source_said_everything_again(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE, READER)
    deaf = await start_process(deaf_service, kafka)
    reader = await start_process(reader_service, kafka)
    await eventually(lambda: reader.value(_HEARD, 10))
    assert await current_to(reader) is None
    await deaf.stop()
    await start_process(source_service, kafka, url=deaf.url)
    await eventually(lambda: current_to(reader))


async def test_after_the_broker_was_lost_old_rows_are_not_shown_as_current(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as first, EmbeddedBroker() as second:
        old, new = topics_of(first, topic_prefix), topics_of(second, topic_prefix)
        await old.create_topics(SOURCE, READER)
        await new.create_topics(SOURCE, READER)
        source = await start_process(source_service, old)
        reader = await start_process(reader_service, old)
        await change_many(source, 20, told=0)
        await eventually(lambda: current_to(reader))
        await eventually(lambda: reader.value("select count(*) = 20 from seen_thing"))
        await reader.stop()
        lost: datetime = await source.value("select clock_timestamp()")
        await change_many(source, 20, told=0)  # acknowledged by the first broker, and gone with it
        await eventually(lambda: nothing_pending(source))
        await source.stop()

        deaf = await start_process(deaf_service, new, url=source.url)
        reader = await start_process(reader_service, new, url=reader.url)
        await eventually(lambda: reader.value("select bool_and(missing_since is not null) from chassis.positions"))
        await eventually(lambda: reader.value(_HEARD, 10))
        current = await current_to(reader)
        assert current is not None
        assert current < lost
        # Nor does another start forget that the answer is still missing; it asks again.
        await reader.stop()
        reader.start()
        await eventually(lambda: reader.value(_HEARD, 30))
        assert await current_to(reader) == current
        asked = "select count(*) = 2 from chassis.outbox where type like '%.state-requested.v1' and recorded_at > $1"
        assert await reader.value(asked, lost)

        await deaf.stop()
        source = await start_process(source_service, new, url=source.url)
        await eventually(lambda: current_after(reader, lost))
        assert {row[2] for row in await rows_of_reader(reader)} == {2}
        await ended(reader, source)
