"""The national system's workbook of households: one row a member, household columns repeated (facts.md 2.10).

An absent column changes nothing and an empty cell clears nothing. `scope` says whether a column belongs to the
household, the member, the household's income of one calendar year, or its monitoring.
"""

from contracts.files.columns import Cell, Column, FileLayout

RELATIONS = {
    "户主": "0", "配偶": "1", "子": "2", "女": "3", "儿媳": "2x", "女婿": "3x", "孙子女": "4",
    "父母": "5", "祖父母": "6", "兄弟姐妹": "7", "其他": "8",
}  # fmt: skip
"""Labels of 与户主关系 with GB/T 4761 one-digit codes; `2x` and `3x` are our own for 之儿媳 and 之女婿."""
SEXES = {"未知": "0", "男": "1", "女": "2", "未说明": "9"}
ETHNICITIES = {"汉族": "01", "蒙古族": "02", "回族": "03", "满族": "11", "其他": "97"}
EDUCATION = {
    "研究生": "10", "大学本科": "20", "大学专科": "30", "中等职业": "40", "普通高中": "60",
    "初中": "70", "小学": "80", "文盲或半文盲": "90",
}  # fmt: skip
SCHOOLING = ("非在校生", "学前", "小学", "初中", "普通高中", "中等职业", "高等职业", "本科", "研究生")
HEALTH = {"健康": "healthy", "长期慢性病": "chronic", "患有大病": "serious-disease", "残疾": "disabled"}
LABOUR = {
    "普通劳动力": "ordinary", "技能劳动力": "skilled", "弱劳动力或半劳动力": "weak",
    "丧失劳动力": "lost", "无劳动力": "none",
}  # fmt: skip
HOUSEHOLD_TYPES = {"一般农户": "ordinary", "脱贫户": "relieved"}
MONITORED_CLASSES = {
    "脱贫不稳定户": "unstable-relieved",
    "边缘易致贫户": "marginal",
    "突发严重困难户": "sudden-hardship",
}
RISKS = {
    "因病": "illness", "因学": "schooling", "因残": "disability", "因安全住房": "housing", "因安全饮水": "water",
    "缺劳动力": "labour-shortage", "务工就业不稳": "unstable-work", "因灾": "disaster", "因意外事故": "accident",
    "其他": "other",
}  # fmt: skip
ELIMINATION_MODES = {"帮扶消除": "aided", "自然消除": "natural"}

HOUSEHOLD_COLUMNS = (
    Column("户编号", "national_no", Cell.TEXT),
    Column("行政区划代码", "division", Cell.TEXT),
    Column("户类型", "household_type", Cell.CODE, codes=tuple(HOUSEHOLD_TYPES)),
    Column("安置区", "resettlement_site", Cell.TEXT, required=False),
    Column("是否危房户", "dangerous_house", Cell.YES_NO, required=False),
    Column("是否解决安全饮用水", "safe_water", Cell.YES_NO, required=False),
    Column("义务教育有保障", "education_secured", Cell.YES_NO, required=False),
    Column("基本医疗有保障", "medical_secured", Cell.YES_NO, required=False),
)
MEMBER_COLUMNS = (
    Column("姓名", "name", Cell.TEXT),
    Column("证件号码", "resident_id", Cell.RESIDENT_ID),
    Column("与户主关系", "relation", Cell.CODE, codes=tuple(RELATIONS)),
    Column("性别", "sex", Cell.CODE, required=False, codes=tuple(SEXES)),
    Column("出生日期", "born_on", Cell.DATE, required=False),
    Column("民族", "ethnicity", Cell.CODE, required=False, codes=tuple(ETHNICITIES)),
    Column("文化程度", "education", Cell.CODE, required=False, codes=tuple(EDUCATION)),
    Column("在校生状况", "schooling", Cell.CODE, required=False, codes=SCHOOLING),
    Column("健康状况", "health", Cell.CODE, required=False, codes=tuple(HEALTH)),
    Column("劳动技能", "labour", Cell.CODE, required=False, codes=tuple(LABOUR)),
    Column("联系电话", "phone", Cell.TEXT, required=False),
)
INCOME_COLUMNS = (
    Column("收入年度", "income_year", Cell.NUMBER, required=False),
    Column("工资性收入", "wage", Cell.YUAN, required=False),
    Column("生产经营性收入", "production", Cell.YUAN, required=False),
    Column("财产性收入", "property", Cell.YUAN, required=False),
    Column("转移性收入", "transfer", Cell.YUAN, required=False),
    Column("生产经营性支出", "production_cost", Cell.YUAN, required=False),
    Column("人均纯收入", "per_capita_net", Cell.YUAN, required=False),
)
MONITORING_COLUMNS = (
    Column("监测对象类别", "monitored_class", Cell.CODE, required=False, codes=tuple(MONITORED_CLASSES)),
    Column("识别监测时间", "identified_month", Cell.MONTH, required=False),
    *(
        Column(f"致贫/返贫风险{rank}", f"risk_{rank}", Cell.CODE, required=False, codes=tuple(RISKS))
        for rank in range(1, 6)
    ),
    Column("其他风险说明", "risk_remark", Cell.TEXT, required=False),
    Column("风险是否已消除", "risk_eliminated", Cell.YES_NO, required=False),
    Column("消除监测时间", "eliminated_month", Cell.MONTH, required=False),
    Column("风险消除方式", "elimination_mode", Cell.CODE, required=False, codes=tuple(ELIMINATION_MODES)),
)
NATIONAL = FileLayout(
    "national",
    "乡村振兴局",
    "防返贫监测信息",
    (*HOUSEHOLD_COLUMNS, *MEMBER_COLUMNS, *INCOME_COLUMNS, *MONITORING_COLUMNS),
)
