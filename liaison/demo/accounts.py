"""The demo's accounts: one for each role of the portal, all in the story of 郸城, the county's power bureau, and the two other cities."""

from typing import NamedTuple

PASSWORD = "Lianluozhan-2026"


class Account(NamedTuple):
    username: str
    label: str
    hint: str
    same_as: str = ""

    @property
    def role(self) -> str:
        return self.same_as or self.username


ACCOUNTS = [
    Account("deputy", "人大代表", "宁平镇的县、镇两级代表：记走访、记活动、评价建议答复"),
    Account("luohe_deputy", "人大代表", "漯河市人大代表、农业农村专业代表小组成员：督办、联名、各自评价", "deputy"),
    Account("station_officer", "联络站联络员", "宁平镇特色养殖产业代表联络站：接待登记、受理、转办"),
    Account("station_head", "联络站站长", "同一个站的站长"),
    Account("township_staff", "乡镇人大", "宁平镇人大主席团：退回申请、复核"),
    Account("county_staff", "县人大", "郸城县人大常委会代工委：后台、转办、报表"),
    Account("city_staff", "市人大", "周口市人大常委会代工委：上报事项、全市报表"),
    Account("xinxiang_staff", "市人大", "新乡市人大常委会代工委：看全市产业联络站和报表", "city_staff"),
    Account("luohe_staff", "市人大", "漯河市人大常委会代工委：看全市代表小组和报表", "city_staff"),
    Account("supervision_office", "政府督查", "郸城县人民政府督查室：看本县政府承办的事项"),
    Account("government_office", "政府办公室", "郸城县人民政府办公室：分办、转回部门的退回、协办", "unit_head"),
    Account("unit_clerk", "承办单位经办人", "宁平镇供电所：签收、申请退回"),
    Account("unit_head", "承办单位负责人", "宁平镇供电所：签发答复"),
    Account("power_clerk", "承办单位经办人", "郸城县供电公司：签收、申请退回", "unit_clerk"),
    Account("power_head", "承办单位负责人", "郸城县供电公司：签发答复", "unit_head"),
    Account("system_admin", "系统管理员", "账号与设置，看不到意见内容"),
    Account("security_admin", "安全管理员", "登录与锁定记录"),
    Account("auditor", "审计员", "操作日志"),
]
