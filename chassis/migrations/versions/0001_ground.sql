-- One row numbers the public events of one key. It is locked before the outbox row is inserted, so that outbox id
-- order is lock order per key.
create table chassis.streams (
    key text primary key,
    sequence bigint not null check (sequence > 0)
);


-- Every message that this service ever sends, kept for replay. `sequence` is the number of a public event within its
-- key, or the version of the aggregate for a state message. A null payload is a tombstone.
create table chassis.outbox (
    id bigint generated always as identity,
    recorded_at timestamptz not null default now(),
    topic text not null,
    key text not null,
    event_id uuid not null,
    type text not null,
    sequence bigint not null,
    headers text not null,
    payload bytea,
    primary key (recorded_at, id)
) partition by range (recorded_at);


create table chassis.outbox_rest partition of chassis.outbox default;


create index outbox_by_id on chassis.outbox (id);


-- What still has to be sent. Marking a message as sent deletes its narrow row here instead of rewriting the wide one.
create table chassis.outbox_pending (
    id bigint primary key,
    recorded_at timestamptz not null,
    topic text not null,
    key text not null
);


-- A key whose next message can never be sent: its rows wait here in order until an operator releases or drops them.
create table chassis.outbox_parked (
    topic text not null,
    key text not null,
    outbox_id bigint not null,
    reason text not null,
    parked_at timestamptz not null default now(),
    primary key (topic, key)
);


create table chassis.inbox (
    source text not null,
    event_id text not null,
    received_at timestamptz not null default now(),
    primary key (source, event_id)
);


create index inbox_by_age on chassis.inbox (received_at);


-- Where reading goes on. `message_id` stands at next_offset - 1 and identifies the log, which an offset does not.
create table chassis.positions (
    topic text not null,
    partition int not null,
    next_offset bigint not null,
    message_id text not null,
    current_to timestamptz,
    primary key (topic, partition)
);


create table chassis.key_sequences (
    topic text not null,
    key text not null,
    sequence bigint not null,
    primary key (topic, key)
);


create table chassis.parked_messages (
    id bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    partition int not null,
    "offset" bigint not null,
    event_id text not null,
    type text not null,
    reason text not null,
    waiting_for text,
    headers jsonb not null,
    payload bytea,
    parked_at timestamptz not null default now(),
    released_at timestamptz,
    unique (topic, key, event_id)
);


create index parked_waiting on chassis.parked_messages (waiting_for) where waiting_for is not null;


-- What was recognised about a log and what was done: replaced, beginning lost, gap.
create table chassis.log_findings (
    id bigint generated always as identity primary key,
    found_at timestamptz not null default now(),
    kind text not null,
    topic text not null,
    partition int,
    key text,
    detail jsonb not null,
    healed_at timestamptz
);


create table chassis.idempotency_keys (
    client text not null,
    person text not null,
    route text not null,
    key text not null,
    request_hash bytea not null,
    status int not null,
    headers jsonb not null,
    body bytea not null,
    recorded_at timestamptz not null default now(),
    primary key (client, person, route, key)
);


create index idempotency_by_age on chassis.idempotency_keys (recorded_at);


create table chassis.operations (
    id uuid primary key,
    kind text not null,
    state text not null check (state in ('accepted', 'running', 'succeeded', 'failed')),
    division text not null,
    person text not null,
    client text not null,
    arguments jsonb not null,
    progress jsonb not null default '{}',
    result jsonb,
    problem jsonb,
    attempts int not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz
);


create index operations_waiting on chassis.operations (created_at) where state in ('accepted', 'running');


create index operations_by_division on chassis.operations (division text_pattern_ops, created_at);


create table chassis.operation_errors (
    operation_id uuid not null references chassis.operations on delete cascade,
    number bigint not null,
    line int,
    column_name text,
    code text not null,
    detail_zh text not null default '',
    detail_en text not null default '',
    primary key (operation_id, number)
);


create table chassis.audit (
    id bigint generated always as identity primary key,
    read_at timestamptz not null default now(),
    person text not null,
    client text not null,
    purpose text,
    unmasked boolean not null,
    route text not null,
    search text not null,
    result_ids text[] not null,
    correlation_id text not null
);


create function chassis.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'this table is append-only';
end
$$;


create trigger audit_is_append_only before update or delete or truncate on chassis.audit
    for each statement execute function chassis.refuse_change();


create table chassis.parameters (
    id bigint generated always as identity primary key,
    key text not null,
    value jsonb not null,
    unit text not null,
    valid_from date not null,
    valid_to date,
    division text not null,
    source text not null,
    clause text not null,
    sample boolean not null,
    falls_back boolean not null,
    recorded_at timestamptz not null default now(),
    recorded_by text not null,
    superseded_at timestamptz,
    check (valid_to is null or valid_to >= valid_from)
);


create unique index parameters_now on chassis.parameters (key, division, valid_from) where superseded_at is null;


create table chassis.parameters_version (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);


insert into chassis.parameters_version (version) values (1);


create table chassis.attachments (
    id uuid primary key,
    division text not null,
    purpose text not null,
    media_type text not null,
    size_bytes bigint not null,
    sha256 bytea not null,
    file_name text not null default '',
    person text not null,
    client text not null,
    created_at timestamptz not null default now(),
    frozen_at timestamptz
);


-- Masking lives here and nowhere else: generated columns and reads use these three functions.
create function chassis.mask_id(number text) returns text language sql immutable strict parallel safe as $$
    select case when length(number) < 10 then repeat('*', length(number))
                else left(number, 6) || repeat('*', length(number) - 10) || right(number, 4) end
$$;


create function chassis.mask_phone(number text) returns text language sql immutable strict parallel safe as $$
    select case when length(number) < 7 then repeat('*', length(number))
                else left(number, 3) || repeat('*', length(number) - 7) || right(number, 4) end
$$;


create function chassis.mask_name(name text) returns text language sql immutable strict parallel safe as $$
    select left(name, 1) || regexp_replace(substr(name, 2), '[^·•‧・ ]', '*', 'g')
$$;
