"""The probe's functions that queues and blobs start: each notes what it was given, or fails and says when."""

import json
import time

import azure.functions as func

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


def note(kind: str, **output: object) -> str:
    """Return a line for the queue probe-notes."""
    return json.dumps({"kind": kind, "at": round(time.time(), 2), **output}, default=str)


@blueprint.function_name("queue_echo")
@blueprint.queue_trigger(arg_name="message", queue_name="probe-in", connection="AzureWebJobsStorage")
@blueprint.queue_output(arg_name="notes", queue_name="probe-notes", connection="AzureWebJobsStorage")
def queue_echo(message: func.QueueMessage, notes: func.Out[str]) -> None:
    """Note what a message was."""
    body = message.get_body()
    notes.set(note("queue", hex=body.hex(), tries=message.dequeue_count))


@blueprint.function_name("queue_fails")
@blueprint.queue_trigger(arg_name="message", queue_name="probe-fails", connection="AzureWebJobsStorage")
def queue_fails(message: func.QueueMessage) -> None:
    """Fail always, saying when."""
    body = message.get_body().decode("utf-8", "replace")
    print(note("queue_fails", tries=message.dequeue_count, body=body), flush=True)  # noqa: T201
    raise ValueError("on purpose")


@blueprint.function_name("blob_echo")
@blueprint.blob_trigger(arg_name="blob", path="probe-blobs/{name}", connection="AzureWebJobsStorage")
@blueprint.queue_output(arg_name="notes", queue_name="probe-notes", connection="AzureWebJobsStorage")
def blob_echo(blob: func.InputStream, notes: func.Out[str]) -> None:
    """Note what a blob was."""
    uri = (blob.uri or "").split("devstoreaccount1")[-1]
    notes.set(note("blob", name=blob.name, length=blob.length, uri=uri, bytes=len(blob.read())))


@blueprint.function_name("blob_pattern")
@blueprint.blob_trigger(
    arg_name="blob", path="probe-pattern/{day}/{name}.csv", connection="AzureWebJobsStorage"
)
@blueprint.queue_output(arg_name="notes", queue_name="probe-notes", connection="AzureWebJobsStorage")
def blob_pattern(blob: func.InputStream, notes: func.Out[str]) -> None:
    """Note a blob whose name fits a pattern."""
    notes.set(note("pattern", name=blob.name))


@blueprint.function_name("blob_fails")
@blueprint.blob_trigger(arg_name="blob", path="probe-poison/{name}", connection="AzureWebJobsStorage")
def blob_fails(blob: func.InputStream) -> None:
    """Fail always, saying when."""
    print(note("blob_fails", name=blob.name), flush=True)  # noqa: T201
    raise ValueError("on purpose")
