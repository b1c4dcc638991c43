"""Drivecast with its last function under the name it had when it was recorded."""

import runpy
from pathlib import Path

from azure.functions.decorators.function_name import FunctionName

import functions

RECORDED_NAME = "zz_unmatched"

app = runpy.run_path(str(Path(functions.__file__).resolve().parents[1] / "function_app.py"))["app"]
for builder in app._function_builders:
    function = builder._function
    if getattr(function.get_trigger(), "route", None) == "{*path}":
        function._settings = [given for given in function._settings if given.setting_name != "function_name"]
        builder.add_setting(FunctionName(RECORDED_NAME))
