from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("auditlog", "0017_add_actor_email")]
    operations = [append_only("auditlog_logentry")]
