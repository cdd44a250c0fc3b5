"""`household-flagged` as somebody reads it who knows nothing of this code; on a real Kafka: tests/live."""

from tests.apps import StartApp
from tests.engines import Topics
from tests.flagging import flag_a_household
from tests.foreign_consumer import FLAGGED, assert_household_flagged, first_of_type
from tests.tokens import VILLAGE


async def test_a_foreign_consumer_reads_household_flagged(start_app: StartApp, kafka: Topics) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app("monitoring", worker=True)
    household = await flag_a_household(app)
    event, headers = await first_of_type(kafka.bootstrap_servers, f"{kafka.prefix}shouwang.monitoring", FLAGGED)
    assert_household_flagged(event, headers, household, VILLAGE)
