"""Run an Azure Functions app (Python v2 model) without Core Tools: a development tool, not for production.

``python -m devhost`` indexes ``function_app.py`` with Microsoft's own ``azure-functions-runtime``, serves its
HTTP functions with uvicorn, and delivers blobs, queue messages and timer ticks from a storage account:
Azurite, started when none answers.
"""
