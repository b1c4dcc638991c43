"""Files whose names leave no place for their outputs, and one that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import AccountSasPermissions, BlobServiceClient, ResourceTypes, generate_account_sas

from functions.batch.dispatch import score_arrived
from functions.batch.event_message import announcement, written_blob
from functions.batch.give_up import failed_file
from functions.batch.range_message import RangeMessage
from functions.errors import RangeMessageError
from functions.storage.errors import SourceArchivedError, SourceNameTooLongError, SourcePathError
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2035-01-25"), "oops"])

ELSEWHERE = ("../predictions/{}/x.csv", "a/../../predictions/{}/x.csv", "./../predictions/{}/./x.csv")
"""Names that a client of the container `telemetry` asks of the container `predictions`."""


@pytest.fixture
def signed_in(app_here: AppHere, account: RunningAzurite) -> AppHere:
    """The app with a signed URL: like a token, and unlike an account key, it signs no path."""
    key = account.blobs.credential.account_key
    until = datetime.now(UTC) + timedelta(hours=1)
    sas = generate_account_sas(
        str(account.blobs.account_name),
        key,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(read=True, write=True, delete=True, list=True, add=True, create=True),
        until,
    )
    return AppHere(BlobServiceClient(account.blobs.url, credential=sas), app_here.fleet)


@pytest.fixture
def victim(app_here: AppHere, fleet: Fleet) -> bytes:
    """A file outside the container `telemetry`, in the fleet's folder of `predictions`."""
    data = table([row(f"S{number}", "2035-01-25") for number in range(1_000)])
    blob = app_here.service.get_blob_client("predictions", f"{fleet.folder}/x.csv")
    blob.upload_blob(data, overwrite=True)
    return data


@pytest.mark.parametrize("pattern", ELSEWHERE)
def test_no_way_in_leads_out_of_the_container(
    signed_in: AppHere, fleet: Fleet, victim: bytes, pattern: str
) -> None:
    name = pattern.format(fleet.folder)
    # So it is: the client reads the other container's blob.
    client = signed_in.service.get_blob_client("telemetry", name)
    assert client.download_blob().readall() == victim
    etag = client.get_blob_properties().etag
    with pytest.raises(SourcePathError):
        score_arrived(signed_in.service, name)
    announced = written_blob(announcement("telemetry", name, etag).encode())
    assert not isinstance(announced, str)
    with pytest.raises(SourcePathError):
        score_arrived(signed_in.service, announced.name)
    fleet.drop("mine.csv", victim)
    task = signed_in.arrive("mine.csv").tasks[0]
    for step in ("plan", "score"):
        with pytest.raises(SourcePathError):
            signed_in.range(msgspec.structs.replace(task, name=name, etag=etag, step=step), last_try=True)
    # Nor is a summary published when their messages are given up.
    for body in (
        announcement("telemetry", name, etag).encode(),
        msgspec.json.encode({"ContainerName": "telemetry", "BlobName": name, "ETag": etag}),
        msgspec.structs.replace(task, name=name, etag=etag).encode().encode(),
    ):
        assert failed_file(body) is None
    assert fleet.outputs() == ["x.csv"]
    assert client.get_blob_properties().etag == etag


@pytest.mark.parametrize("field", ["app_version", "model_version", "challenger"])
@pytest.mark.parametrize("value", ["x/../../../../predictions/y", "..", "a\\..\\b", "a\nb", "a\n"])
def test_no_field_of_a_range_leads_elsewhere_either(
    app_here: AppHere, fleet: Fleet, victim: bytes, field: str, value: str
) -> None:
    fleet.drop("mine.csv", victim)
    message = msgspec.structs.replace(app_here.arrive("mine.csv").tasks[0], **{field: value})
    with pytest.raises(RangeMessageError, match=rf"`\$\.{field}`"):
        RangeMessage.decode(message.encode().encode())


@pytest.mark.parametrize(
    "name", ["a//b.csv", "a\\b.csv", "%2e%2e/%2e%2e/predictions/x.csv", "a./...csv", "..a/b..csv"]
)
def test_names_that_look_odd_are_scored_in_their_place(
    signed_in: AppHere, fleet: Fleet, undisturbed: Undisturbed, name: str
) -> None:
    """What storage is asked for is the blob of this name, and each output is beside the others."""
    etag = fleet.drop(name, DATA)
    signed_in.arrive(name)
    undisturbed.expect(fleet, name.removesuffix(".csv"), DATA, etag, 0)
    with pytest.raises(ResourceNotFoundError):
        signed_in.service.get_blob_client("predictions", "x.csv").get_blob_properties()


@pytest.mark.parametrize("ending", [".rejects.csv", ".rejects.csv.gz"])
@pytest.mark.parametrize("first", [True, False])
def test_a_file_called_as_the_rejects_of_another(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, ending: str, first: bool
) -> None:
    """It is refused for good, whichever comes first, and whether the other is still there."""
    etag = fleet.drop("a.csv", DATA)
    refused = fleet.drop(f"a{ending}", DATA)
    for name in [f"a{ending}", "a.csv"] if first else ["a.csv", f"a{ending}"]:
        app_here.arrive(name)
    told = fleet.summary("a.rejects", refused, 0)
    assert told["error"]["code"] == "bad_name"
    assert f" {fleet.folder}/a.csv" in told["error"]["detail"]
    undisturbed.expect(fleet, "a", DATA, etag, 0)
    app_here.service.get_blob_client("telemetry", f"{fleet.folder}/a.csv").delete_blob()
    app_here.arrive(f"a{ending}")
    outputs = [f"a{end}" for end in (".csv", ".rejects.csv", ".rejects.summary.json", ".report.html")]
    assert fleet.outputs() == [*outputs, "a.summary.json"]


def test_a_name_without_room_for_its_outputs_goes_to_the_poison_queue(
    app_here: AppHere, fleet: Fleet
) -> None:
    """No summary can say so: its name would be too long as well, which Azurite does not mind."""
    name = "x" * (1008 - len(f"{fleet.folder}/")) + ".csv"
    fleet.drop(name, DATA)
    with pytest.raises(SourceNameTooLongError, match=r"\b1,008\b"):
        app_here.arrive(name)
    assert fleet.outputs() == []
    fleet.drop(name[1:], DATA)
    app_here.arrive(name[1:])
    assert f"{name[1:-4]}.summary.json" in fleet.outputs()


def test_an_archived_file_says_how_it_comes_back(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    etag = fleet.drop("old.csv", DATA)
    blob = app_here.service.get_blob_client("telemetry", f"{fleet.folder}/old.csv")
    blob.set_standard_blob_tier("Archive")
    with pytest.raises(SourceArchivedError):
        app_here.arrive("old.csv")
    told = fleet.summary("old", etag, 0)
    assert told["error"]["code"] == "run_failed"
    assert "az storage blob set-tier --tier Hot" in told["error"]["detail"]
    blob.set_standard_blob_tier("Hot")
    app_here.arrive("old.csv")
    undisturbed.expect(fleet, "old", DATA, etag, 0)
