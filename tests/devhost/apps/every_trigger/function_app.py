"""A function of every trigger devhost delivers; each call leaves a blob in the container ``CALLS`` names."""

import json
import logging
import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob_binding
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import ContainerClient

app = func.FunctionApp()


def tell(what: str, **facts: object) -> None:
    """Leave a record of a call."""
    connection = os.environ["AzureWebJobsStorage"]
    container = ContainerClient.from_connection_string(connection, os.environ["CALLS"])
    with suppress(ResourceExistsError):
        container.create_container()
    container.upload_blob(f"{what}/{time.time_ns()}-{uuid.uuid4()}", json.dumps(facts | {"pid": os.getpid()}))


def sleep_once(content: str) -> None:
    """Hold ``sleep MARKER`` up the first time it comes; the marker then tells the process that has it."""
    first, _, marker = content.partition(" ")
    if first == "sleep" and not Path(marker).exists():
        Path(marker).write_text(str(os.getpid()))
        time.sleep(60)


@app.route("echo/{name}/{number:int?}", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    logging.getLogger("every_trigger").info("echo speaks")
    answer = {
        "method": req.method,
        "url": req.url,
        "route": dict(req.route_params),
        "query": dict(req.params),
        "header": req.headers.get("X-Test"),
        "body": req.get_body().decode("utf-8", "replace"),
        "invocation": context.invocation_id,
        "function": context.function_name,
        "pid": os.getpid(),
    }
    response = func.HttpResponse(json.dumps(answer), status_code=201, mimetype="application/json")
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2")
    return response


@app.route("files/{*rest}", auth_level=func.AuthLevel.FUNCTION)
async def files(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params.get("rest", ""))


@app.route("fail", methods=["GET"])
def fail(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("the secret reason")


@app.route("slow", methods=["GET"])
def slow(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(float(req.params["seconds"]))
    return func.HttpResponse("awake")


@app.blob_trigger(
    arg_name="blob",
    path="%INCOMING%/{name}.csv",
    connection="AzureWebJobsStorage",
    source=func.BlobSource.EVENT_GRID,
)
def on_client(blob: blob_binding.BlobClient) -> None:
    content = blob.download_blob().readall().decode()
    sleep_once(content)
    tell("on_client", name=blob.blob_name, content=content)
    if content == "poison":
        raise RuntimeError("poisonous")


@app.blob_trigger(arg_name="stream", path="%STREAMS%/{name}", connection="AzureWebJobsStorage")
@app.blob_output(arg_name="copy", path="%STREAMS%-copies/{name}.copy", connection="AzureWebJobsStorage")
def on_stream(stream: func.InputStream, copy: func.Out[bytes]) -> None:
    body = stream.read()
    copy.set(body)
    tell("on_stream", name=stream.name, length=stream.length, uri=stream.uri, content=body.decode())


@app.queue_trigger(arg_name="msg", queue_name="%ORDERS_QUEUE%", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="out", queue_name="replies", connection="AzureWebJobsStorage")
def on_order(msg: func.QueueMessage, out: func.Out[str]) -> None:
    body = msg.get_body().decode()
    sleep_once(body)
    tell("on_order", body=body, dequeue_count=msg.dequeue_count, id=msg.id)
    if body == "poison" or (body == "second try" and msg.dequeue_count == 1):
        raise RuntimeError("no")
    out.set(f"done: {body}")


@app.timer_trigger(arg_name="timer", schedule="* * * * * *", run_on_startup=False, use_monitor=False)
def on_tick(timer: func.TimerRequest) -> None:
    tell("on_tick", past_due=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def on_new_year(timer: func.TimerRequest) -> None:
    status = timer.schedule_status  # type: ignore[attr-defined]  # the abstract class does not declare it
    tell("on_new_year", past_due=timer.past_due, last=status["Last"])
