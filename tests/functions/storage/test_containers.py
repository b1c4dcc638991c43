"""Creating what is absent, and only that."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import (
    AccountSasPermissions,
    BlobServiceClient,
    ResourceTypes,
    generate_account_sas,
)

from functions.storage import containers
from functions.storage.errors import ContainerMissingError


def test_ensure_in_a_race_and_again(service: BlobServiceClient) -> None:
    names = [f"race-{uuid.uuid4().hex}" for _ in range(2)]
    with ThreadPoolExecutor(8) as rivals:
        list(rivals.map(lambda _: containers.ensure(service, names), range(16)))
    assert all(service.get_container_client(name).exists() for name in names)
    containers.ensure(service, names)


def test_forbidden_to_create(service: BlobServiceClient) -> None:
    assert service.account_name
    sas = generate_account_sas(
        service.account_name,
        service.credential.account_key,
        resource_types=ResourceTypes(container=True, object=True),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    with BlobServiceClient(f"{service.url}?{sas}") as reader:
        containers.ensure(reader, [containers.RUNS])
        with pytest.raises(ContainerMissingError, match="'absent' does not exist"):
            containers.ensure(reader, [containers.RUNS, "absent"])
