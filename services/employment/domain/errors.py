"""What employment refuses, in domain words.

Missing
└── NoSuchPerson          employment knows no such member, or the member has left
Conflict
├── NoPlaceFree           every place of the post is taken
├── AppliedBefore         the person waits for this post already
├── NotWaiting            the application was decided or withdrawn
├── PlacementRefused      a limit stands against it: the findings say which
└── PlacementHasEnded     a placement ends once
Invalid
└── InvalidPost           an unknown kind, a term that ends before it begins, or a day after today
"""

from contracts.decision import Because
from contracts.errors import Conflict, Invalid, Missing


class NoSuchPerson(Missing):
    code = "no-such-person"
    title = Because(zh="没有此人，或已不在该户", en="There is no such person, or not in the household any more")


class NoPlaceFree(Conflict):
    code = "no-place-free"
    title = Because(zh="该岗位名额已满", en="Every place of the post is taken")


class AppliedBefore(Conflict):
    code = "applied-before"
    title = Because(zh="已申请该岗位", en="The person waits for this post already")


class NotWaiting(Conflict):
    code = "not-waiting"
    title = Because(zh="该申请已办结", en="The application was decided or withdrawn")


class PlacementRefused(Conflict):
    code = "placement-refused"
    title = Because(zh="不符合安置条件", en="A limit stands against the placement")


class PlacementHasEnded(Conflict):
    code = "placement-has-ended"
    title = Because(zh="已离岗", en="The placement has ended")


class InvalidPost(Invalid):
    code = "invalid-post"
    title = Because(zh="岗位信息有误", en="The post is not valid")
