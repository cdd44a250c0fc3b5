"""Where the font of PDF documents comes from."""

import shutil
from pathlib import Path

import pylopdf_fonts_zh_cn as package
import pytest

from chassis.documents import fonts
from chassis.documents.fonts import document_font


def test_without_a_setting_the_package_s_serif_is_for_text_and_its_sans_for_headings() -> None:
    font = document_font(None)
    assert font is not None
    assert font.text[0] == "Noto Serif SC"
    assert font.headings[0] == "Noto Sans SC"


def test_a_folder_gives_all_its_families(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    shutil.copy(package.sans_path(), tmp_path / "below" / "sans.otf")
    font = document_font(tmp_path)
    assert font is not None
    assert font.text == font.headings == ("Noto Sans SC",)


def test_a_file_gives_its_own_family_though_others_lie_beside_it() -> None:
    font = document_font(package.sans_path())
    assert font is not None
    assert font.text == ("Noto Sans SC",)


def test_a_setting_that_leads_to_no_font_is_not_replaced_by_the_package(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no font")
    (tmp_path / "broken.otf").write_bytes(b"OTTO" + bytes(100))
    assert document_font(tmp_path) is None
    assert document_font(tmp_path / "notes.txt") is None
    assert document_font(tmp_path / "broken.otf") is None
    assert document_font(tmp_path / "absent") is None


def test_there_is_no_font_where_nothing_is_set_and_the_package_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_PACKAGE", "no_such_package_of_fonts")
    assert document_font(None) is None
