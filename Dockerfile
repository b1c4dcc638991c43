# The app for those who run Functions in containers; Azure's own plan, Flex Consumption, takes no container.
# What is copied: .dockerignore. Settings come as variables: docs/reference.md.

FROM mcr.microsoft.com/azure-functions/python:4-python3.13 AS packages
WORKDIR /build
COPY requirements.txt .
# Where the host's Python worker looks for an app's packages.
RUN python -m pip install --no-cache-dir --only-binary :all: --requirement requirements.txt \
        --target /build/.python_packages/lib/site-packages

FROM mcr.microsoft.com/azure-functions/python:4-python3.13
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureFunctionsJobHost__FileWatchingEnabled=false \
    AzureFunctionsJobHost__Logging__FileLoggingMode=never \
    ASPNETCORE_URLS=http://+:8080 \
    WEBSITE_HOSTNAME=localhost:8080 \
    HOME=/home
# Ports below 1024 are root's, so the host listens on 8080. It writes below /home alone.
RUN groupadd --gid 10001 drivecast \
    && useradd --uid 10001 --gid drivecast --home-dir /home --no-create-home --shell /usr/sbin/nologin drivecast \
    && mkdir -p /home/site/wwwroot /home/LogFiles /home/data \
    && chown --recursive drivecast:drivecast /home
WORKDIR /home/site/wwwroot
COPY --from=packages --chown=root:root /build/.python_packages .python_packages
COPY . .
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8080/api/health', timeout=8)"]
