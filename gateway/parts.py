"""Parts of an answer that is put together from several services, and why one of them is missing."""

from typing import Any

from fastapi import Request

from chassis.problems import text
from contracts.decision import Because

NOT_BUILT = ("assets", "employment", "relief")
"""Services that exist as applications and have nothing to tell yet."""

_WHY = {
    "not-built": Because(zh="该部分尚未建成", en="This part is not built yet"),
    "no-address": Because(zh="未配置该服务的地址", en="The service has no address"),
    "no-answer": Because(zh="服务未应答", en="The service does not answer"),
    "over-budget": Because(zh="服务未在时限内答复", en="The service did not answer in time"),
    "not-permitted": Because(zh="无权查看该部分", en="You may not see this part"),
    "refused": Because(zh="服务拒绝了请求", en="The service refused the request"),
    "projection-not-current-yet": Because(zh="数据尚未同步", en="The data have not been received yet"),
}


def unavailable(because: str, request: Request) -> dict[str, Any]:
    """A part that is missing, by a stable code and in the caller's language. It is never shown as zero."""
    return {"available": False, "because": because, "detail": text(_WHY[because], request)}
