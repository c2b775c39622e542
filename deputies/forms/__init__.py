from deputies.forms.acts import ACTS, ActForm, offers
from deputies.forms.finding import FindForm, TickForm
from deputies.forms.group_acts import GROUP_ACTS, GroupActForm, group_offers
from deputies.forms.roster import ConfirmForm, RosterForm

__all__ = [
    "ACTS",
    "GROUP_ACTS",
    "ActForm",
    "ConfirmForm",
    "FindForm",
    "GroupActForm",
    "RosterForm",
    "TickForm",
    "group_offers",
    "offers",
]
