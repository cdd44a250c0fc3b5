"""Registering a household over HTTP, and its event and state on Kafka."""

import asyncio

from aiokafka import AIOKafkaConsumer

from tests.apps import StartApp
from tests.engines import Topics
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE

A_HOUSEHOLD = {
    "division": VILLAGE,
    "household_type": "ordinary",
    "members": [
        {"name": "阿拉坦其其格", "relation": "0", "resident_id": "11010519491231002X", "phone": "13800001234"},
        {"name": "张三", "relation": "2", "sex": "1"},
    ],
}


async def test_a_registered_household_is_read_back_masked(start_app: StartApp) -> None:
    app = await start_app("monitoring")
    made = await app.post("/v1/households", A_HOUSEHOLD)
    assert made.status_code == 201, made.text
    found = await app.get(made.headers["Location"])
    assert found.status_code == 200, found.text
    head = found.json()["members"][0]
    assert (head["name"], head["resident_id"], head["phone"]) == ("阿*****", "110105********002X", "138****1234")
    listed = await app.get("/v1/households")
    assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]


async def test_a_repeated_key_has_one_effect_and_the_first_answer(start_app: StartApp) -> None:
    app = await start_app("monitoring")
    answers = await asyncio.gather(*(app.post("/v1/households", A_HOUSEHOLD, key="one") for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    again = await app.post("/v1/households", A_HOUSEHOLD, key="one")
    made = {answer.json()["id"] for answer in [*answers, again] if answer.status_code == 201}
    assert len(made) == 1
    assert len((await app.get("/v1/households")).json()["items"]) == 1
    other = await app.post("/v1/households", {**A_HOUSEHOLD, "household_type": "relieved"}, key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_outside_of_the_callers_division_nothing_is_registered(start_app: StartApp) -> None:
    app = await start_app("monitoring")
    refused = await app.post("/v1/households", {**A_HOUSEHOLD, "division": OTHER_TOWN_VILLAGE})
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-division")


async def test_the_event_and_the_state_reach_kafka(start_app: StartApp, kafka: Topics) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app("monitoring", worker=True)
    made = (await app.post("/v1/households", A_HOUSEHOLD)).json()
    consumer = AIOKafkaConsumer(
        f"{kafka.prefix}shouwang.monitoring",
        f"{kafka.prefix}shouwang.monitoring.state",
        bootstrap_servers=kafka.bootstrap_servers,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=5,
    )
    await consumer.start()
    try:
        seen = {}
        async with asyncio.timeout(20):
            while len(seen) < 2:
                record = await consumer.getone()
                headers = {name: value.decode() for name, value in record.headers}
                if "heartbeat" not in headers["ce_type"]:
                    seen[headers["ce_type"]] = (record, headers)
    finally:
        await consumer.stop()
    record, headers = seen["shouwang.monitoring.household-registered.v1"]
    assert record.key == f"household/{made['id']}".encode()
    assert headers["ce_sequence"] == "0000000000000000001"
    state, _ = seen["shouwang.monitoring.household-state.v1"]
    for personal in ("阿拉坦其其格", "11010519491231002X", "13800001234", "张三"):
        assert personal.encode() not in record.value + state.value
