from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial")]
    operations = [
        append_only("duties_pointentry"),
        append_only("duties_declarationstep"),
        append_only("duties_dutyfile"),
    ]
