"""The function app: registers the blueprints, nothing else."""

import azure.functions as func

from functions import batch, online, operations

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (online.blueprint, batch.blueprint, operations.blueprint):
    app.register_functions(blueprint)
