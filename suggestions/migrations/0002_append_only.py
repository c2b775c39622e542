from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("suggestions", "0001_initial")]
    operations = [append_only("suggestions_event")]
