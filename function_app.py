"""The function app: registers the blueprints, nothing else."""

import azure.functions as func

from functions import batch, mlflow, online, open_inference, openapi, operations, pages, wildcard

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (
    online.blueprint,
    batch.blueprint,
    operations.blueprint,
    mlflow.blueprint,
    open_inference.blueprint,
    openapi.blueprint,
    pages.blueprint,
    wildcard.blueprint,
):
    app.register_functions(blueprint)
