"""Every setting and every metric stands in the operators' guide, in both languages."""

from pathlib import Path

import pytest

from chassis.observability import Metrics
from gateway.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("guide", ["operators.md", "operators.zh-CN.md"])
def test_every_setting_is_documented(guide: str) -> None:
    text = (ROOT / "docs" / guide).read_text()
    assert [name for name in Settings.model_fields if f"`SHOUWANG_{name.upper()}`" not in text] == []


@pytest.mark.parametrize("guide", ["operators.md", "operators.zh-CN.md"])
def test_every_metric_is_described(guide: str) -> None:
    text = (ROOT / "docs" / guide).read_text()
    families = list(Metrics("test").registry.collect())
    assert families
    assert all(family.documentation for family in families)
    assert [family.name for family in families if family.name not in text] == []
