"""The tables of the two writing baselines: a household, its members, and an outbox row for each."""

import asyncpg

DDL = """
create table household (
    id uuid primary key, division text not null, household_type text not null, risks jsonb not null,
    registered_on date not null default current_date
);
create table member (
    id uuid primary key, household_id uuid not null references household, place int not null, name text not null,
    relation text not null, resident_id text not null, ethnicity text, health text, labour text, phone text
);
create index on member (household_id);
create table outbox (
    id bigint generated always as identity primary key, topic text not null, key text not null, payload jsonb not null
);
"""


async def create(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(DDL)
    await connection.close()
