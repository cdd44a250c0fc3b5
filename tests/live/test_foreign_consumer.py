"""`household-flagged` on a real Kafka, as somebody reads it who knows nothing of this code."""

import pytest

from tests.apps import StartApp
from tests.engines import Topics
from tests.flagging import flag_a_household
from tests.foreign_consumer import FLAGGED, assert_household_flagged, first_of_type
from tests.tokens import VILLAGE


@pytest.mark.live
@pytest.mark.timeout(120)
async def test_a_foreign_consumer_reads_household_flagged(start_app: StartApp, live_kafka: Topics) -> None:
    await live_kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    servers, prefix = live_kafka.bootstrap_servers, live_kafka.prefix
    app = await start_app("monitoring", worker=True, kafka_bootstrap_servers=servers, topic_prefix=prefix)
    household = await flag_a_household(app)
    event, headers = await first_of_type(servers, f"{prefix}shouwang.monitoring", FLAGGED)
    assert_household_flagged(event, headers, household, VILLAGE)
