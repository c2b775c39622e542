from deputies.services.groups import appoint_leader, end_entry, enter_group, join_all, join_group, leave_group
from deputies.services.mandates import MOVES, REASONS, by_elect, change_mandate, end_seat
from deputies.services.memberships import enter_all, enter_station, leave_station, move_station
from deputies.services.pairings import pair, unpair
from deputies.services.printed import code_for, hold_post, revoke

__all__ = [
    "MOVES",
    "REASONS",
    "appoint_leader",
    "by_elect",
    "change_mandate",
    "code_for",
    "end_entry",
    "end_seat",
    "enter_all",
    "enter_group",
    "enter_station",
    "hold_post",
    "join_all",
    "join_group",
    "leave_group",
    "leave_station",
    "move_station",
    "pair",
    "revoke",
    "unpair",
]
