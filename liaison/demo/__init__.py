"""The demo: what the bulletin tells of 新乡, 漯河 and 郸城, as rows. All people are invented."""

from liaison.demo.accounts import ACCOUNTS, PASSWORD

__all__ = ["ACCOUNTS", "PASSWORD"]
