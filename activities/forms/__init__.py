from activities.forms.parts import MOST_PHOTOS, DateInput, OneTimeForm, PhotosField, PhotosInput, members_of
from activities.forms.visits import VisitForm
from activities.forms.work import ActivityForm

__all__ = [
    "MOST_PHOTOS",
    "ActivityForm",
    "DateInput",
    "OneTimeForm",
    "PhotosField",
    "PhotosInput",
    "VisitForm",
    "members_of",
]
