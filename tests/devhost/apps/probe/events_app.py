"""The probe's event functions alone (``PYTHON_SCRIPT_FILE_NAME``): what they show needs no HTTP function."""

import azure.functions as func
import event_functions  # type: ignore[import-not-found]  # beside this file: the app's folder is on the path

app = func.FunctionApp()
app.register_functions(event_functions.blueprint)
