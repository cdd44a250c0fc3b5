"""What can keep an engine from standing, each told in one plain line of both languages.

EngineError
├── PrerequisiteMissing   the machine lacks a program or a package
├── EngineInUse           another living process holds the engine's directory
├── DirectoryRefused      the directory cannot hold an engine: foreign, unreachable
└── EngineFailed          the engine was started and did not become ready
"""

from __future__ import annotations


class EngineError(Exception):
    """An engine cannot be had; carries one line in zh-CN and one in English."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en


class PrerequisiteMissing(EngineError):
    """The machine lacks something that the newcomer can install."""


class EngineInUse(EngineError):
    """Another living process runs an engine on the same directory."""


class DirectoryRefused(EngineError):
    """The directory is not ours, or the engine's user cannot reach it."""


class EngineFailed(EngineError):
    """The engine ended, or did not answer within its time; its log says why."""
