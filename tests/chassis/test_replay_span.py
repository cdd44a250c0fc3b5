"""A replay asked for over HTTP has both of its ends."""

from contracts.access import Role
from tests.apps import StartApp


async def test_a_replay_ends_where_it_was_asked_to(start_app: StartApp) -> None:
    app = await start_app("assets")
    span = {"since": "2024-03-01T00:00:00Z", "until": "2024-03-02T00:00:00Z"}
    answer = await app.post("/v1/replays", span, as_=app.officer(Role.ADMINISTRATOR))
    assert answer.status_code == 202
    async with app.runtime.engine.connect() as connection:
        row = (await connection.exec_driver_sql("select arguments from chassis.operations")).one()
    assert (row.arguments["since"], row.arguments["until"]) == (
        "2024-03-01T00:00:00+00:00",
        "2024-03-02T00:00:00+00:00",
    )
