from activities.services.visits import confirm_visit, log_visit
from activities.services.work import change_activity, log_activity, moves_for

__all__ = ["change_activity", "confirm_visit", "log_activity", "log_visit", "moves_for"]
