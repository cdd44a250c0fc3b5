"""Han and Mongolian-style names, drawn at random from syllables and common words; any likeness is chance.

Herders often have a single long name and no family name (阿拉坦其其格); some write the clan before an interpunct.
"""

from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林郑贺白武乔康任石贾温折"
_COMPOUND_SURNAMES = ("欧阳", "司马", "上官")
_HAN_MALE = "军强伟平刚明亮建国志永生海涛文斌小龙玉柱俊鹏飞浩宇轩晨"
_HAN_FEMALE = "芳秀英丽娜静敏燕霞梅兰桂花玲慧婷雪琴翠莲欣怡雨涵梦瑶"
_MONGOLIAN_MALE = (
    "巴特尔", "朝鲁", "那日苏", "孟克", "宝音", "青格勒", "图门", "哈斯巴根", "格日勒图", "额尔敦巴雅尔",
    "苏雅拉图", "乌力吉", "布仁", "阿古拉", "敖其尔", "吉日嘎拉图", "特木尔", "呼格吉勒图", "朝克图",
    "达布希拉图",
)  # fmt: skip
_MONGOLIAN_FEMALE = (
    "阿拉坦其其格", "乌云其木格", "苏日娜", "萨日娜", "娜仁托娅", "敖登格日勒", "其其格", "乌日娜", "格根塔娜",
    "斯琴图雅", "哈斯其其格", "宝音德力格尔", "通嘎拉嘎", "阿如罕", "托娅", "莲花", "牡兰", "额尔敦其木格",
)  # fmt: skip
_CLANS = ("包", "奇", "孛儿只斤", "敖", "杭锦", "乌审")


def surname(rng: Random) -> str:
    return rng.choice(_COMPOUND_SURNAMES) if rng.random() < 0.01 else rng.choice(_SURNAMES)


def han_name(rng: Random, family: str, male: bool) -> str:
    syllables = _HAN_MALE if male else _HAN_FEMALE
    return family + "".join(rng.choice(syllables) for _ in range(1 if rng.random() < 0.2 else 2))


def mongolian_name(rng: Random, male: bool) -> str:
    given = rng.choice(_MONGOLIAN_MALE if male else _MONGOLIAN_FEMALE)
    return f"{rng.choice(_CLANS)}·{given}" if rng.random() < 0.12 else given
