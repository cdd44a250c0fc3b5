"""What is done about a log that is not the one that was read, and about numbers that never came.

Each is reported (`chassis.log_findings`, metrics), and the source is asked once to say again what may be missing, in
one transaction: a finding without its request would be forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import structlog
from aiokafka import TopicPartition

from chassis import numbers, positions
from chassis.kafka import Received
from chassis.numbers import Gap
from chassis.observability import Metrics
from chassis.positions import LogFinding, Position
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.events.envelope import Raised, state_topic
from contracts.events.plumbing import Heartbeat, ReplayRequested, StateRequested

MOST_KEYS_ASKED = 20
"""Gaps in more keys than these at once are healed by a replay of all that their source retained."""
log = structlog.get_logger(__name__)

Positions = Mapping[tuple[str, int], Position]


class Healing:
    def __init__(
        self,
        *,
        service: str,
        kinds: Mapping[str, tuple[str, ...]],
        tracked_topics: set[str],
        topic_prefix: str,
        units: UnitsOfWork,
        metrics: Metrics,
    ) -> None:
        self._service = service
        self._kinds = kinds
        self._tracked = tracked_topics
        self._prefix = topic_prefix
        self._units = units
        self._metrics = metrics

    async def of_logs(
        self, found: Mapping[TopicPartition, LogFinding], known: Positions, unanswered: Iterable[TopicPartition] = ()
    ) -> dict[tuple[str, int], datetime]:
        """Ask each source once for its state, or for its public events since those that were read.

        A first start asks for state as well: the log may be newer than what its source knows. `unanswered` were found
        before, and an answer has not come: the request may have been lost with a log. Returns since when something
        is missing from each log that was found now.
        """
        missed = [p for p, finding in found.items() if p.topic in self._tracked and finding != LogFinding.FIRST_START]
        stated = [place for place in found if self._is_state(place)]
        asked = [*missed, *stated, *unanswered]
        if not found and not asked:
            return {}
        states = {self._source_of(place) for place in asked if self._is_state(place)}
        async with self._begin() as uow:
            since: datetime = await uow.driver.fetchval("select clock_timestamp()")
            for place, finding in found.items():
                if finding is not LogFinding.FIRST_START:
                    await positions.report(uow.driver, finding, place.topic, place.partition)
            self._ask(uow, [self._state_of(source) for source in sorted(states)])
            self._ask(uow, self._replays_of([place for place in asked if place.topic in self._tracked], known))
            await uow.commit()
        for place, finding in found.items():
            self._tell(finding, place.topic)
        return {(place.topic, place.partition): since for place in (*missed, *stated)}

    def is_answered(self, place: tuple[str, int], position: Position, beat: Heartbeat) -> bool:
        """Whether a heartbeat says that what is missing from its log was said again, and stands before it."""
        since, topic = position.missing_since, place[0]
        if since is None:
            return True
        if topic in self._tracked:
            read = position.current_to
            return any(
                span.until > since and (span.since is None or (read is not None and span.since <= read))
                for span in beat.replayed
            )
        kinds = self._kinds.get(self._source_of(TopicPartition(*place)), ())
        said_again = {each.kind for each in beat.restated if each.since > since}
        return said_again.issuperset(kinds)

    async def of_numbers(self, messages: Sequence[Received]) -> None:
        """Recognise gaps in the numbers of keys, before anything is carried out, and ask for what is missing."""
        if all(message.sequence < 0 for message in messages):
            return
        async with self._begin() as uow:
            gaps, late = await numbers.see(uow.driver, messages)
            for gap in gaps:
                message = gap.message
                finding = await positions.report(
                    uow.driver,
                    LogFinding.GAP,
                    message.topic,
                    message.partition,
                    key=message.key,
                    after_sequence=gap.after,
                    sequence=message.sequence,
                )
                await numbers.miss(uow.driver, gap, finding)
            await numbers.arrived(uow.driver, late)
            self._ask(uow, self._replays_for(gaps))
            await uow.commit()
        for gap in gaps:
            self._tell(LogFinding.GAP, gap.message.topic)

    def _begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._units.begin(person=f"service:{self._service}", client=self._service)

    def _is_state(self, place: TopicPartition) -> bool:
        source = self._source_of(place)
        return source in self._kinds and place.topic == state_topic(source, self._prefix)

    def _source_of(self, place: TopicPartition) -> str:
        return str(place.topic).removeprefix(self._prefix).split(".")[1]

    def _state_of(self, source: str) -> StateRequested:
        return StateRequested(source=source, kinds=self._kinds[source], division="")

    def _replays_of(self, places: Iterable[TopicPartition], known: Positions) -> list[ReplayRequested]:
        """For each source everything since the instant up to which all of these partitions were read."""
        read_up_to: dict[str, list[datetime | None]] = {}
        for place in places:
            position = known.get((place.topic, place.partition))
            read_up_to.setdefault(self._source_of(place), []).append(position.current_to if position else None)
        requests = []
        for source, instants in sorted(read_up_to.items()):
            certain = [instant for instant in instants if instant is not None]
            since = min(certain) if len(certain) == len(instants) else None
            requests.append(ReplayRequested(source=source, since=since))
        return requests

    def _replays_for(self, gaps: Sequence[Gap]) -> list[ReplayRequested]:
        # What the heartbeats said cannot be relied on here: the log lost something that had been sent.
        if len(gaps) > MOST_KEYS_ASKED:
            return [ReplayRequested(source=source) for source in sorted({gap.message.source for gap in gaps})]
        return [
            ReplayRequested(source=gap.message.source, key=gap.message.key, after_sequence=gap.after) for gap in gaps
        ]

    def _ask(self, uow: UnitOfWork, requests: Iterable[StateRequested | ReplayRequested]) -> None:
        uow.raise_events(
            Raised(data=request, key=f"request/{request.source}", subject=request.source, division="")
            for request in requests
        )

    def _tell(self, finding: LogFinding, topic: str) -> None:
        self._metrics.log_findings.labels(finding.value).inc()
        if finding is not LogFinding.FIRST_START:
            log.warning("log-recognised", finding=finding.value, topic=topic)
