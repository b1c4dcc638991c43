"""Every check, in the order in which a file travels."""

from __future__ import annotations

from ops.app import remedies
from ops.doctor.app import check_app, check_functions
from ops.doctor.check import DoctorCheck
from ops.doctor.clock import check_clock
from ops.doctor.deliveries import check_dead_letter, check_last_event
from ops.doctor.event_grid import REMEDY as DEPLOY_EVENT_GRID
from ops.doctor.event_grid import check_subscription, check_system_topic
from ops.doctor.files import check_last_file, check_poison
from ops.doctor.model import check_model
from ops.doctor.roles import check_roles
from ops.doctor.settings import REMEDY as CORRECT_SETTINGS
from ops.doctor.settings import check_settings
from ops.doctor.storage import check_containers, check_storage
from ops.doctor.unfinished import check_unfinished
from ops.doctor.webhook import check_webhook, check_webhook_key

START = "start the app (make start, or az functionapp start), or name another with --url or --app"
NAME_ACCOUNT = "look at the account's name and its network rules; `make start` brings Azurite with the app"
SIGN_IN = "run `az login`, and `az account set` to the subscription of the app"
GET_KEYS = (
    "to list an app's keys takes the role Website Contributor on it: "
    f"{remedies.ROLE.format(role='Website Contributor', scope='APP_ID')}, or ask who deploys"
)
ASK_AGAIN = "mend what is named, then ask again"

CHECKS = (
    DoctorCheck("settings", (), check_settings, CORRECT_SETTINGS),
    DoctorCheck("clock", (), check_clock, NAME_ACCOUNT),
    DoctorCheck("storage", (), check_storage, NAME_ACCOUNT),
    DoctorCheck("containers", ("storage",), check_containers, NAME_ACCOUNT),
    DoctorCheck("roles", ("settings",), check_roles, SIGN_IN),
    DoctorCheck("app", (), check_app, START),
    DoctorCheck("functions", ("app",), check_functions, START),
    DoctorCheck("webhook-key", ("functions",), check_webhook_key, GET_KEYS),
    DoctorCheck("webhook", ("functions", "webhook-key"), check_webhook, START),
    DoctorCheck("system-topic", (), check_system_topic, DEPLOY_EVENT_GRID),
    DoctorCheck("subscription", ("system-topic", "webhook-key"), check_subscription, DEPLOY_EVENT_GRID),
    DoctorCheck("last-event", ("system-topic", "storage"), check_last_event, SIGN_IN),
    DoctorCheck("dead-letter", ("containers",), check_dead_letter, NAME_ACCOUNT),
    DoctorCheck("last-file", ("storage", "containers"), check_last_file, ASK_AGAIN),
    DoctorCheck("unfinished-files", ("storage", "containers"), check_unfinished, ASK_AGAIN),
    DoctorCheck("poison", ("storage",), check_poison, NAME_ACCOUNT),
    DoctorCheck("model", ("app", "settings"), check_model, ASK_AGAIN),
)
"""Names are stable; the runbook refers to them."""
