"""What seven bureaus send each month for comparison, under Chinese headings, people named by resident id.

Kinds follow facts.md 2.5 and 2.6. A row is one settlement, one student's school year, one appraisal, one assessment,
one household's damage, one ended job, or one entry of the civil-affairs list.
"""

from contracts.files.columns import Cell, Column, FileLayout

_NAME = Column("姓名", "name", Cell.TEXT)
_ID = Column("证件号码", "resident_id", Cell.RESIDENT_ID)
_HEAD_NAME = Column("户主姓名", "name", Cell.TEXT)
_HEAD_ID = Column("户主证件号码", "resident_id", Cell.RESIDENT_ID)

MEDICAL = FileLayout(
    "medical",
    "医保局",
    "医疗费用结算明细",
    (
        Column("结算单号", "record_no", Cell.TEXT),
        _NAME,
        _ID,
        Column("医疗类别", "care", Cell.CODE, codes=("住院", "门诊")),
        Column("结算日期", "occurred_on", Cell.DATE),
        Column("总费用", "total", Cell.YUAN),
        Column("基本医保支付", "basic_paid", Cell.YUAN, required=False),
        Column("大病保险支付", "major_paid", Cell.YUAN, required=False),
        Column("医疗救助支付", "assistance_paid", Cell.YUAN, required=False),
        Column("个人自付", "amount", Cell.YUAN),
    ),
)
TUITION = FileLayout(
    "tuition",
    "教体局",
    "学生自付费用明细",
    (
        Column("缴费单号", "record_no", Cell.TEXT),
        _NAME,
        _ID,
        Column("学段", "stage", Cell.CODE, codes=("普通高中", "中等职业", "高等职业", "本科")),
        Column("学校", "school", Cell.TEXT, required=False),
        Column("缴费日期", "occurred_on", Cell.DATE),
        Column("自付费用", "amount", Cell.YUAN),
    ),
)
HOUSING = FileLayout(
    "housing",
    "住建局",
    "住房安全鉴定结果",
    (
        Column("鉴定编号", "record_no", Cell.TEXT),
        _HEAD_NAME,
        _HEAD_ID,
        Column("鉴定等级", "grade", Cell.CODE, codes=("A", "B", "C", "D")),
        Column("鉴定日期", "occurred_on", Cell.DATE),
    ),
)
WATER = FileLayout(
    "water",
    "水利局",
    "饮水安全评价结果",
    (
        Column("评价编号", "record_no", Cell.TEXT),
        _HEAD_NAME,
        _HEAD_ID,
        Column("评价日期", "occurred_on", Cell.DATE),
        Column("人均日水量(升)", "litres_per_day", Cell.NUMBER, required=False),
        Column("水质达标", "quality_ok", Cell.YES_NO, required=False),
        Column("单次取水时间(分钟)", "fetch_minutes", Cell.NUMBER, required=False),
        Column("年缺水天数", "short_days", Cell.NUMBER, required=False),
    ),
)
DISASTER = FileLayout(
    "disaster",
    "应急管理局",
    "受灾农牧户名册",
    (
        Column("灾害编号", "record_no", Cell.TEXT),
        _HEAD_NAME,
        _HEAD_ID,
        Column("灾种", "hazard", Cell.TEXT),
        Column("受灾日期", "occurred_on", Cell.DATE),
        Column("直接经济损失", "amount", Cell.YUAN, required=False),
    ),
)
JOB_LOSS = FileLayout(
    "job-loss",
    "人社局",
    "失业人员登记名册",
    (
        Column("登记编号", "record_no", Cell.TEXT),
        _NAME,
        _ID,
        Column("失业日期", "occurred_on", Cell.DATE),
        Column("原用人单位", "employer", Cell.TEXT, required=False),
    ),
)
CIVIL_AFFAIRS = FileLayout(
    "civil-affairs",
    "民政局",
    "低收入人口名册",
    (
        Column("救助编号", "record_no", Cell.TEXT),
        _NAME,
        _ID,
        Column("救助类别", "category", Cell.CODE, codes=("低保", "特困", "低保边缘", "刚性支出困难")),
        Column("认定日期", "occurred_on", Cell.DATE),
    ),
)

BUREAU_FILES = {layout.kind: layout for layout in (MEDICAL, TUITION, HOUSING, WATER, DISASTER, JOB_LOSS, CIVIL_AFFAIRS)}
