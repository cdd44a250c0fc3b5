from pathlib import Path

import pytest

from chassis.division_names import DivisionNames


def test_a_name_is_read_from_the_list_and_an_unknown_code_shown_as_it_is(tmp_path: Path) -> None:
    listed = tmp_path / "names.csv"
    listed.write_text("code,name\n150623100,敖勒召其镇\n", encoding="utf-8-sig")
    names = DivisionNames.read(listed)
    assert (names.of("150623100"), names.of("150623101")) == ("敖勒召其镇", "150623101")
    assert DivisionNames.read(None).of("150623") == "150623"


@pytest.mark.parametrize("broken", ["code,name\n150623100\n", "code;name\n150623100;镇\n", "code,name\n,镇\n"])
def test_a_list_that_lacks_something_is_refused_at_the_start(tmp_path: Path, broken: str) -> None:
    listed = tmp_path / "names.csv"
    listed.write_text(broken, encoding="utf-8")
    with pytest.raises(ValueError, match="needs code and name"):
        DivisionNames.read(listed)
