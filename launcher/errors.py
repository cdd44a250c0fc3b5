"""What can keep a run from standing or from going on, each told in one plain line of both languages.

RunError
├── ScaleRefused     the place is larger than the embedded broker holds
├── PortTaken        another program listens where a service should
├── ServiceFailed    a service does not start, or ends again and again
├── RequestRefused   the gateway or a service answered a request with a problem
└── WorkFailed       a piece of long work ended without a result
"""


class RunError(Exception):
    """The run cannot go on; carries one line in zh-CN and one in English."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en


class ScaleRefused(RunError):
    def __init__(self, scale: str) -> None:
        super().__init__(
            f"规模 {scale} 超出内置消息服务的容量，请使用 make run SCALE={scale} KAFKA=real（需要 Java 17 和 Maven）。",
            f"Scale {scale} is more than the embedded broker holds: use make run SCALE={scale} KAFKA=real "
            "(it needs Java 17 and Maven).",
        )


class PortTaken(RunError):
    def __init__(self, port: int, service: str) -> None:
        super().__init__(
            f"端口 {port}（{service}）已被占用，请停止占用它的程序，或换一个起始端口：make run PORT=9000。",
            f"Port {port} (for {service}) is in use: stop what uses it, or begin elsewhere with make run PORT=9000.",
        )


class ServiceFailed(RunError):
    def __init__(self, service: str, reason: str, log: object) -> None:
        super().__init__(
            f"服务 {service} 未能运行：{reason}（日志：{log}）",
            f"The service {service} does not run: {reason} (log: {log})",
        )


class RequestRefused(RunError):
    """`status` is the HTTP status, for callers that know what to make of it."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        super().__init__(
            f"请求 {what} 未被接受：{status} {reason}",
            f"The request {what} was not accepted: {status} {reason}",
        )
        self.status = status


class WorkFailed(RunError):
    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} 未能完成：{reason}", f"{what} did not succeed: {reason}")
