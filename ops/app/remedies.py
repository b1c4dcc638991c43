"""The commands that mend an environment in Azure, as messages name them."""

from __future__ import annotations

from typing import Final

INFRA: Final = "`make deploy ENV=<environment> STEP=infra`"
CODE: Final = "`make deploy ENV=<environment> STEP=code`"
EVENT_GRID: Final = "`make deploy ENV=<environment> STEP=event-grid`"

ROLE: Final = "`az role assignment create --assignee WHO --role '{role}' --scope {scope}`"
"""``role`` and ``scope`` are filled in."""

LATE: Final = "a new role takes up to ten minutes"
