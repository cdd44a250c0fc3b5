"""What the gateway keeps of monitoring's state, whole, and its totals by village; read again from the beginning."""

from alembic import op

revision = "0002"
down_revision = "0001"

_HOUSEHOLD = """
create table household (
    id uuid primary key,
    version bigint not null,
    division text not null,
    household_type text not null,
    monitored_class text,
    persons integer not null,
    registered_on date not null,
    ended_on date,
    ended_how text
);
create table household_total (
    division text not null,
    household_type text not null,
    monitored_class text not null,
    households bigint not null,
    persons bigint not null,
    primary key (division, household_type, monitored_class)
);
"""
_FLAG = """
create table flag (
    id uuid primary key,
    version bigint not null,
    division text not null,
    household_id uuid not null,
    rule text not null,
    period text,
    state text not null,
    round integer not null,
    opened_on date not null,
    closed_on date
);
create index ix_flag_household_id on flag (household_id);
create table flag_total (
    division text not null,
    rule text not null,
    state text not null,
    flags bigint not null,
    primary key (division, rule, state)
);
"""
_SIGNAL = """
create table signal (
    id uuid primary key,
    version bigint not null,
    division text not null,
    household_id uuid not null,
    source text not null,
    signal_kind text not null,
    recorded_on date not null,
    flag_id uuid
);
create index ix_signal_household_id on signal (household_id);
create table signal_total (
    division text not null,
    source text not null,
    month date not null,
    signals bigint not null,
    primary key (division, source, month)
);
"""


_BEFORE = """
drop table household_view;
drop table flag_view;
delete from chassis.positions where topic like '%shouwang.monitoring.state'
"""


def upgrade() -> None:
    for statements in (_BEFORE, _HOUSEHOLD, _FLAG, _SIGNAL):
        for statement in statements.split(";"):
            if statement.strip():
                op.execute(statement)
