"""What monitoring refuses, in domain words.

Missing
├── MemberUnknown             the household has, or on that day had, no such member
├── NoSuchHit                 no such result of the comparison in this case
└── NoSuchObjection           no such objection in this case
Forbidden
└── CadreNotAssigned          M-1.1.6: the cadre has no liaison relation with the household on that day
Conflict
├── HouseholdHasEnded         nothing more happens to it; its successors are named
├── DayBeforeHistory          the change lies before what is already recorded
├── HeadMissing               a household that goes on needs exactly one head
├── LastMemberLeaves          the household is ended instead
├── PersonAlreadyMember       the same resident id twice in one household
├── NothingToSplit            nobody, everybody or somebody twice would found the new household
├── MergeWithItself           a household cannot merge into itself
├── AlreadyThere              it moves to the village in which it is
├── OutsideCounty             a household leaves the county by ending, not by moving
├── NationalNoTaken           another household has this national number
├── MonitoringOverlaps        it is monitored already in that time
├── FlagIsClosed              a flag that is not open cannot be closed
├── RowIsSettled              a row of a file is settled once
├── NotCrossed                only evidence that crossed its rule flags a household
├── WrongFlag                 evidence of another rule or period does not attach
├── AlreadyReported           an incident names a household once
├── VisitExists               another visit was recorded under this id
├── RelationOverlaps          the same relation of the same officer runs already
├── CaseIsOpen                M-1.1.5: a household has one open case at a time
├── AlreadyMonitored          an identification of a household that is monitored
├── NotMonitored              an elimination of a household that is not
├── AdultsMissing             M-1.1.9: an adult member has not signed the authorisation
├── NotAuthorized             M-1.1.9: no comparison without a valid authorisation
├── TooFewSurveyors           M-1.1.8: a survey is made by at least two persons
├── NotQuorate                M-1.1.10: too few came to vote
├── PublicityRuns             M-1.1.11: publicity is held once in a round
├── PublicityIsOver           no objection, and no closing, after it was closed
├── PublicityTooShort         its days are not over
├── ObjectionOpen             it cannot close with an objection open
├── ObjectionIsExamined       an objection is examined once
├── HitsOpen                  M-1.1.12: every hit is adjudicated before others come
├── HitIsAdjudicated          a hit is adjudicated once
├── HitStands                 a hit that stands against the household stops the town's check
├── GreenChannelIsOpen        M-1.1.15: one green channel in a case of identification
├── RiskIsResolved            a risk is recorded as gone once
├── PlanRefused               M-1.1.18: the plan does not fit the household: the findings say why
├── MeasureOutOfOrder         another step of the measure comes first
├── MeasureHasEnded           nothing more happens to a measure that is over
├── FundLineMissing           M-1.1.20: a measure that is paid names its fund line
├── ProviderAnswers           an officer records only what no service answers
├── DifferenceIsSettled       a difference between file and registry is settled once
├── NotForAccepting           a procedure or a command of its own changes this, not the file
├── NotDecided                there is no decision letter before a decision
├── NotIdentifiable           no class fits the household: the findings say why
├── EliminationRefused        M-1.1.22: not every answer is yes
├── EliminationHeld           M-1.1.26: nobody in the household is able to work
└── PostIsTaken               a village has one first secretary at a time, and a person one place
Invalid
├── InvalidAuthorization      signed after today, expired, or without scope
├── InvalidSurvey             a day after today, a negative amount or an unknown code
├── InvalidVoteDay            a vote after today, or before the case was opened
├── InvalidMeasure            an unknown category, or a risk that the household does not have
├── InvalidHousehold          fields of the household or of its members; every place is listed
├── InvalidReason             a reason is a code, so that no event carries free text
├── DayInFuture               what is recorded has happened: its day is not after today
├── InvalidSignal             a kind that does not fit its source, or a day after the recording
├── InvalidQuestion           a what-if question about parameters that no rule reads, or with impossible values
├── InvalidVisit              a visit after the day of its recording, or of an unknown purpose
├── InvalidIncident           an unknown kind, a day after the recording, or households that are not there
├── InvalidIncome             an income entry that cannot be
└── InvalidRelation           an unknown kind of relation or post, or a span that ends before it begins
"""

from contracts.decision import Because
from contracts.errors import Conflict, Forbidden, Invalid, Missing


class MemberUnknown(Missing):
    code = "member-unknown"
    title = Because(zh="户内无此成员", en="The household has no such member")


class CadreNotAssigned(Forbidden):
    code = "cadre-not-assigned"
    title = Because(zh="该干部未与此户建立联系关系", en="The cadre is not assigned to this household")


class HouseholdHasEnded(Conflict):
    code = "household-has-ended"
    title = Because(zh="该户已终止", en="The household has ended")


class DayBeforeHistory(Conflict):
    code = "day-before-history"
    title = Because(zh="日期早于已有记录", en="The day lies before what is already recorded")


class HeadMissing(Conflict):
    code = "head-missing"
    title = Because(zh="户内须有且仅有一名户主", en="A household needs exactly one head")


class LastMemberLeaves(Conflict):
    code = "last-member-leaves"
    title = Because(zh="最后一名成员离开,请办理整户终止", en="The last member leaves: end the household instead")


class PersonAlreadyMember(Conflict):
    code = "person-already-member"
    title = Because(zh="该人员已是户内成员", en="This person is already a member of the household")


class NothingToSplit(Conflict):
    code = "nothing-to-split"
    title = Because(zh="分户须分出部分成员", en="A split takes some of the members, each once, not none and not all")


class MergeWithItself(Conflict):
    code = "merge-with-itself"
    title = Because(zh="不能与本户合并", en="A household cannot merge into itself")


class AlreadyThere(Conflict):
    code = "already-there"
    title = Because(zh="该户已在此嘎查村", en="The household already lives in this village")


class OutsideCounty(Conflict):
    code = "outside-county"
    title = Because(zh="迁出本县请办理整户终止", en="A household that leaves the county is ended, not moved")


class NationalNoTaken(Conflict):
    code = "national-no-taken"
    title = Because(zh="户编号已被使用", en="Another household has this national number")


class MonitoringOverlaps(Conflict):
    code = "monitoring-overlaps"
    title = Because(zh="该时段已纳入监测", en="The household is already monitored in that time")


class RowIsSettled(Conflict):
    code = "row-is-settled"
    title = Because(zh="该行已核销", en="The row is settled already")


class FlagIsClosed(Conflict):
    code = "flag-is-closed"
    title = Because(zh="该预警已办结", en="The flag is closed")


class NotCrossed(Conflict):
    code = "not-crossed"
    title = Because(zh="未达到预警标准", en="The evidence does not cross the rule")


class WrongFlag(Conflict):
    code = "wrong-flag"
    title = Because(zh="证据不属于该预警", en="The evidence belongs to another rule or period")


class AlreadyReported(Conflict):
    code = "already-reported"
    title = Because(zh="同一事件中该户已登记", en="The incident names this household already")


class VisitExists(Conflict):
    code = "visit-exists"
    title = Because(zh="该编号已登记另一次走访", en="Another visit was recorded under this id")


class RelationOverlaps(Conflict):
    code = "relation-overlaps"
    title = Because(zh="该联系关系已存在", en="The same relation already runs")


class PostIsTaken(Conflict):
    code = "post-is-taken"
    title = Because(zh="该岗位已有人员", en="The place in the village team is taken")


class InvalidHousehold(Invalid):
    code = "invalid-household"
    title = Because(zh="户或成员信息有误", en="The household or a member has invalid fields")


class InvalidReason(Invalid):
    code = "invalid-reason"
    title = Because(zh="原因应为代码", en="A reason is a code in kebab-case")


class DayInFuture(Invalid):
    code = "day-in-future"
    title = Because(zh="日期不能晚于今天", en="The day lies after today")


class InvalidSignal(Invalid):
    code = "invalid-signal"
    title = Because(zh="线索信息有误", en="The signal is invalid")


class InvalidQuestion(Invalid):
    code = "invalid-question"
    title = Because(zh="推演参数有误", en="The question names unknown parameters or impossible values")


class InvalidVisit(Invalid):
    code = "invalid-visit"
    title = Because(zh="走访信息有误", en="The visit is invalid")


class InvalidIncident(Invalid):
    code = "invalid-incident"
    title = Because(zh="突发事件信息有误", en="The incident is invalid")


class InvalidIncome(Invalid):
    code = "invalid-income"
    title = Because(zh="收入记录有误", en="The income entry is invalid")


class InvalidRelation(Invalid):
    code = "invalid-relation"
    title = Because(zh="联系或驻村信息有误", en="The relation or posting is invalid")


class NoSuchHit(Missing):
    code = "no-such-hit"
    title = Because(zh="没有此比对结果", en="The case has no such hit")


class NoSuchObjection(Missing):
    code = "no-such-objection"
    title = Because(zh="没有此异议", en="The case has no such objection")


class CaseIsOpen(Conflict):
    code = "case-is-open"
    title = Because(zh="该户已有在办案件", en="The household has an open case")


class AlreadyMonitored(Conflict):
    code = "already-monitored"
    title = Because(zh="该户已是监测对象", en="The household is monitored already")


class NotMonitored(Conflict):
    code = "not-monitored"
    title = Because(zh="该户不是监测对象", en="The household is not monitored")


class AdultsMissing(Conflict):
    code = "adults-missing"
    title = Because(zh="成年成员未全部授权", en="Not every adult member has signed")


class NotAuthorized(Conflict):
    code = "not-authorized-by-household"
    title = Because(zh="没有有效授权,不得比对", en="There is no valid authorisation to compare")


class TooFewSurveyors(Conflict):
    code = "too-few-surveyors"
    title = Because(zh="入户核查人数不足", en="Too few persons made the survey")


class NotQuorate(Conflict):
    code = "not-quorate"
    title = Because(zh="未达法定人数", en="There is no quorum")


class PublicityRuns(Conflict):
    code = "publicity-runs"
    title = Because(zh="公示正在进行", en="A publicity is running")


class PublicityIsOver(Conflict):
    code = "publicity-is-over"
    title = Because(zh="公示已结束", en="The publicity is over")


class PublicityTooShort(Conflict):
    code = "publicity-too-short"
    title = Because(zh="公示期未满", en="The days of the publicity are not over")


class ObjectionOpen(Conflict):
    code = "objection-open"
    title = Because(zh="有异议未办结", en="An objection is open")


class ObjectionIsExamined(Conflict):
    code = "objection-is-examined"
    title = Because(zh="该异议已办结", en="The objection is examined already")


class HitsOpen(Conflict):
    code = "hits-open"
    title = Because(zh="有疑点未认定", en="A hit is not adjudicated yet")


class HitIsAdjudicated(Conflict):
    code = "hit-is-adjudicated"
    title = Because(zh="该疑点已认定", en="The hit is adjudicated already")


class HitStands(Conflict):
    code = "hit-stands"
    title = Because(zh="有疑点不能合理解释", en="A hit could not be explained")


class GreenChannelIsOpen(Conflict):
    code = "green-channel-is-open"
    title = Because(zh="绿色通道已开通或不适用", en="A green channel is open, or not for this case")


class NotIdentifiable(Conflict):
    code = "not-identifiable"
    title = Because(zh="不符合纳入条件", en="The household does not meet the conditions")


class EliminationRefused(Conflict):
    code = "elimination-refused"
    title = Because(zh="不符合风险消除条件", en="The risk cannot be marked as eliminated")


class EliminationHeld(Conflict):
    code = "elimination-held"
    title = Because(zh="整户无劳动能力,暂不标注", en="Nobody is able to work: the household is held")


class InvalidAuthorization(Invalid):
    code = "invalid-authorization"
    title = Because(zh="授权书有误", en="The authorisation is invalid")


class InvalidVoteDay(Invalid):
    code = "invalid-vote-day"
    title = Because(zh="评议日期有误", en="The day of the vote cannot be")


class InvalidSurvey(Invalid):
    code = "invalid-survey"
    title = Because(zh="入户核查信息有误", en="The survey is invalid")


class RiskIsResolved(Conflict):
    code = "risk-is-resolved"
    title = Because(zh="该风险已登记消除", en="The risk is recorded as gone already")


class PlanRefused(Conflict):
    code = "plan-refused"
    title = Because(zh="帮扶计划不符合要求", en="The plan does not fit the household")


class MeasureOutOfOrder(Conflict):
    code = "measure-out-of-order"
    title = Because(zh="措施当前状态不能办理", en="Another step of the measure comes first")


class MeasureHasEnded(Conflict):
    code = "measure-has-ended"
    title = Because(zh="该措施已结束", en="The measure has ended")


class DifferenceIsSettled(Conflict):
    code = "difference-is-settled"
    title = Because(zh="该差异已处理", en="The difference was settled before")


class NotForAccepting(Conflict):
    code = "not-for-accepting"
    title = Because(
        zh="该内容须经程序或专门命令变更，不能直接采用文件内容",
        en="A procedure or a command of its own changes this: it cannot be taken from the file",
    )


class NotDecided(Conflict):
    code = "not-decided"
    title = Because(zh="尚未作出决定", en="Nothing has been decided yet")


class FundLineMissing(Conflict):
    code = "fund-line-missing"
    title = Because(zh="未写明资金来源", en="No fund line is named")


class ProviderAnswers(Conflict):
    code = "provider-answers"
    title = Because(zh="由提供方办理", en="The provider's own service answers this")


class InvalidMeasure(Invalid):
    code = "invalid-measure"
    title = Because(zh="措施信息有误", en="The measure is invalid")
