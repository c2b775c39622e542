"""The holidays, and rows with a beginning and an end."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.calendar import SATURDAY, Calendar, add_months, today
from accounts.models.scope import User, Viewer


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def calendar(self) -> Calendar:
        """All days that differ from the plain week. A few hundred rows: read once for each act."""
        days = dict(self.values_list("day", "is_workday"))
        # 国庆节 is in every notice of the State Council: a year with a single day entered is not known yet.
        return Calendar(days=days, years=frozenset(day.year for day in days if (day.month, day.day) == (10, 1)))

    def missing_years(self, start: date) -> list[int]:
        """The years nobody has entered that a deadline set now may reach: an extended reply ends within six months."""
        known = self.filter(day__gte=date(start.year, 1, 1))
        return known.calendar().missing_years(start, add_months(start, 6))

    def visible_to(self, user: Viewer) -> Self:
        return self if isinstance(user, User) and (user.is_system_admin or user.is_congress_staff) else self.none()


class Holiday(models.Model):
    """A day that differs from the plain week: a holiday, or a weekend day worked in exchange (调休)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("调休上班", default=False)
    name = models.CharField("名称", max_length=20)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering: ClassVar = ["-day"]

    def clean(self) -> None:
        super().clean()
        if self.is_workday and self.day and self.day.weekday() < SATURDAY:
            raise ValidationError({"is_workday": "调休上班只用于周六、周日；平常的工作日不用登记。"})

    def __str__(self) -> str:
        return f"{self.day} {self.name}{'（上班）' if self.is_workday else ''}"


class Dated(models.Model):
    """A row with a beginning and perhaps an end. Nothing is entered in advance, so null is "sitting" on every database."""

    since = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.ended_on and self.ended_on > today():
            raise ValidationError({"ended_on": "结束日期不能晚于今天，请到当天再登记。"})
        if self.ended_on and self.since and self.ended_on < self.since:
            raise ValidationError({"ended_on": "结束日期不能早于开始日期。"})


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("since")),
        name=name,
        violation_error_message="结束日期不能早于开始日期。",
    )
