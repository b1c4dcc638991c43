"""Creating what is absent, and only that."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ResourceNotFoundError
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
        with pytest.raises(ContainerMissingError, match="'absent'"):
            containers.ensure(reader, [containers.RUNS, "absent"])


def test_each_is_asked_for_once_and_again_when_one_is_gone(service: BlobServiceClient) -> None:
    container = service.get_container_client(f"gone-{uuid.uuid4().hex}")
    for _ in range(2):
        containers.ensure(service, [container.container_name])
    container.delete_container()
    containers.ensure(service, [container.container_name])
    assert not container.exists(), "not asked for"
    with pytest.raises(ResourceNotFoundError) as gone:
        container.upload_blob("a", b"a")
    assert not containers.forget_missing(ValueError("of something else"))
    containers.ensure(service, [container.container_name])
    assert not container.exists()
    assert containers.forget_missing(gone.value)
    containers.ensure(service, [container.container_name])
    assert container.exists()
