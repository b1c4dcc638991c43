# The app for those who run Functions in containers; Azure's own plan, Flex Consumption, takes no container.
# What is copied: .dockerignore. Settings come as variables: docs/reference.md.

FROM mcr.microsoft.com/azure-functions/python:4-python3.13
# FUNCTIONS_SECRETS_PATH names a folder, and is no secret.
# hadolint ignore=DL3064
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureFunctionsJobHost__FileWatchingEnabled=false \
    AzureFunctionsJobHost__Logging__FileLoggingMode=never \
    AzureWebJobsDisableHomepage=true \
    ASPNETCORE_URLS=http://+:8080 \
    FUNCTIONS_SECRETS_PATH=/home/data/Functions/secrets \
    HOME=/home \
    MALLOC_ARENA_MAX=2 \
    PYTHON_THREADPOOL_THREAD_COUNT=32 \
    WEBSITE_HOSTNAME=localhost:8080
# Ports below 1024 are root's, so the host listens on 8080. It writes below /home and /tmp alone: its keys too, or it does
# not start; with keys in the storage account it still makes the folder Sentinels beside where they would be. The code is
# root's, and the sticky bit keeps whoever the host runs as from putting another folder in its place.
RUN groupadd --gid 10001 drivecast \
    && useradd --uid 10001 --gid drivecast --home-dir /home --no-create-home --shell /usr/sbin/nologin drivecast \
    && mkdir -p /home/site/wwwroot /home/LogFiles /home/data/Functions/secrets/Sentinels /home/.aspnet \
    && chown --recursive root:root /home \
    && chown --recursive drivecast:drivecast /home/LogFiles /home/data /home/.aspnet \
    && chmod 1777 /home
WORKDIR /home/site/wwwroot
COPY requirements.txt .
# Into the image's own Python: the worker looks into .python_packages on Azure only, where CONTAINER_NAME or
# WEBSITE_INSTANCE_ID is set.
RUN python -m pip install --no-cache-dir --only-binary :all: --require-hashes --requirement requirements.txt
COPY . .
# Tells the app which of two images is newer (functions/version.py).
RUN date --utc +%Y-%m-%dT%H:%M:%SZ >packed.txt
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8080/api/health', timeout=8)"]
