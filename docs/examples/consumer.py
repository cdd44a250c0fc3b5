"""Reads Shouwang's public events and keeps its place: an example for consumers, with nothing of Shouwang in it.

    pip install aiokafka
    python consumer.py 127.0.0.1:9092 positions.db

The effect (here: a row per event) and the position stand in one database and are written in one transaction. Then a
crash repeats a message and never an effect, and a second run goes on where the first one ended.
"""

import asyncio
import json
import sqlite3
import sys

from aiokafka import AIOKafkaConsumer, ConsumerRecord

TOPIC = "shouwang.monitoring"
TABLES = """
create table if not exists position (partition integer primary key, next_offset integer not null);
create table if not exists seen (source text, id text, primary key (source, id));
create table if not exists flagged (household_id text, flag_id text, division text, at text, findings text);
"""


async def main(bootstrap_servers: str, database: str) -> None:
    store = sqlite3.connect(database)
    store.executescript(TABLES)
    # Without a group every partition is ours; positions are our own matter, so no reset policy may move them.
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        known = dict(store.execute("select partition, next_offset from position"))
        places = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            offset = known.get(place.partition, begins[place])
            if not begins[place] <= offset <= ends[place]:
                # This is another log, or its beginning is gone: read what is there, and ask for the rest
                # (docs/event-consumers.md, "When something is missing").
                print(f"partition {place.partition}: the log is not the one that was read", file=sys.stderr)
                offset = begins[place]
            consumer.seek(place, offset)
        async for message in consumer:
            take(store, message)
    finally:
        await consumer.stop()


def take(store: sqlite3.Connection, message: ConsumerRecord) -> None:
    """The effect of one message and the move of the position, both or neither."""
    headers = {name: value.decode() for name, value in message.headers}
    with store:
        store.execute("insert or replace into position values (?, ?)", (message.partition, message.offset + 1))
        if headers["ce_type"] != "shouwang.monitoring.household-flagged.v1":
            return  # heartbeats, and types that this consumer does not need: never an error
        new = store.execute("insert or ignore into seen values (?, ?)", (headers["ce_source"], headers["ce_id"]))
        if new.rowcount == 0:
            return  # delivered before: at least once is the guarantee, once the effect
        event = json.loads(message.value)
        row = (event["household_id"], event["flag_id"], headers["ce_divisioncode"], headers["ce_time"])
        store.execute("insert into flagged values (?, ?, ?, ?, ?)", (*row, json.dumps(event["findings"])))
    print(*row, *(finding["code"] for finding in event["findings"]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
