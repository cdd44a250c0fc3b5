"""The glossary has one English word for each Chinese term, and one Chinese term for each English word."""

import re
from collections import Counter
from pathlib import Path

from contracts.dictionary import dictionary

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROW = re.compile(r"^\| (?P<english>[^|]+) \| (?P<chinese>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str]]:
    found = [(row["english"].strip(), row["chinese"].strip()) for row in ROW.finditer(GLOSSARY.read_text("utf-8"))]
    return [row for row in found if row != ("English", "Chinese")]


def test_no_term_stands_twice() -> None:
    english, chinese = zip(*rows(), strict=True)
    assert [term for term, times in (Counter(english) + Counter(chinese)).items() if times > 1] == []


def test_each_row_has_an_english_word_beside_a_chinese_term() -> None:
    assert len(rows()) > 100
    for english, chinese in rows():
        assert english.isascii(), english
        assert re.search(r"[\u4e00-\u9fff]", chinese), chinese


def test_the_monitored_classes_are_named_as_in_their_dictionary() -> None:
    named = {chinese: english for english, chinese in rows()}
    for entry in dictionary("monitored-classes").entries:
        assert named[entry.zh] == entry.en.lower()
