"""The function app: quiets Azure's libraries, registers the blueprints, nothing else."""

import logging

import azure.functions as func

from functions.blueprints import batch, mlflow, open_inference, openapi, operations, pages, predict, wildcard
from functions.log_records import keep_to_one_line

keep_to_one_line()
for library in ("azure.core", "azure.identity", "azure.storage"):
    # They log every request to storage with its headers at INFO, which is what the worker passes on.
    logging.getLogger(library).setLevel(logging.WARNING)

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (
    predict.blueprint,
    batch.blueprint,
    operations.blueprint,
    mlflow.blueprint,
    open_inference.blueprint,
    openapi.blueprint,
    pages.blueprint,
    wildcard.blueprint,
):
    app.register_functions(blueprint)
