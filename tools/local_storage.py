"""Make the queues and containers that the app looks at, in Azurite; compose.yaml runs it before the app.

It runs in the app's image, which has no library for queues: they are made over the service's REST interface
(Create Queue), with a token that the blob library signs.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from azure.storage.blob import (
    AccountSasPermissions,
    BlobServiceClient,
    ResourceTypes,
    Services,
    generate_account_sas,
)

from functions.blueprints.batch import CONNECTION, QUEUES
from functions.storage.containers import GIVEN_UP, OUTPUTS, TELEMETRY, ensure


def make_queue(parts: dict[str, str], name: str) -> None:
    """Make a queue; one that is there is left as it is. *parts* are those of the connection string."""
    token = generate_account_sas(
        parts["AccountName"],
        parts["AccountKey"],
        resource_types=ResourceTypes(container=True),
        permission=AccountSasPermissions(create=True),
        expiry=datetime.now(UTC) + timedelta(minutes=5),
        services=Services(queue=True),
    )
    request = urllib.request.Request(  # noqa: S310 - the address is the deployment's own
        f"{parts['QueueEndpoint']}/{name}?{token}", method="PUT", headers={"x-ms-version": "2025-01-05"}
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.CONFLICT:
            raise


def main() -> None:
    """Make everything in the account of AzureWebJobsStorage."""
    connection = os.environ[CONNECTION]
    parts = dict(part.split("=", 1) for part in connection.strip(";").split(";"))
    ensure(BlobServiceClient.from_connection_string(connection), (TELEMETRY, *OUTPUTS, GIVEN_UP))
    for name in QUEUES:
        make_queue(parts, name)


if __name__ == "__main__":
    main()
