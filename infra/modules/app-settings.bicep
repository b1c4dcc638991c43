// The settings of functions/settings.py and functions/platform_settings.py: production values, and what a deployment may choose otherwise.

@export()
@sealed()
@description('Settings that differ from the values below. Flex Consumption leaves no choice of BLOB_TRIGGER_SOURCE.')
type appSettingChoices = {
  @description('Folder of the package with the model versions and registry.json.')
  MODELS_FOLDER: string?

  @description('Alias or version of the model that answers.')
  MODEL: string?

  @description('package, or container for the container models.')
  MODELS_SOURCE: string?

  @description('Seconds after which the registry in the container models is read again.')
  MODELS_REFRESH_SECONDS: string?

  @description('Largest body of an HTTP request, in bytes.')
  MAX_BODY_BYTES: string?

  @description('Largest body of an HTTP request with many drives, in bytes.')
  MAX_BATCH_BODY_BYTES: string?

  @description('Drives in one HTTP request at most.')
  MAX_DRIVES: string?

  @description('Levels of nesting in a JSON body at most.')
  MAX_JSON_DEPTH: string?

  @description('HTTP requests that one process answers at the same time; below PYTHON_THREADPOOL_THREAD_COUNT.')
  MAX_REQUESTS_IN_PROGRESS: string?

  @description('Bytes of large bodies that one process works on at the same time.')
  MAX_BYTES_IN_PROGRESS: string?

  @description('Key of the hashes that stand for serial numbers in logs: a Key Vault reference, never the key itself.')
  LOG_HASH_KEY: string?

  @description('Share of rejected lines above which a telemetry file fails as a whole.')
  MAX_REJECT_SHARE: string?

  @description('Outputs in which text is kept from being a formula: none, rejects or all.')
  ESCAPE_FORMULAS: string?

  @description('Blocks of a telemetry file that are scored at the same time.')
  SCORE_THREADS: string?

  @description('Bytes of a telemetry file above which it is scored in ranges of this size.')
  RANGE_BYTES: string?

  @description('Bytes of a telemetry blob fetched by one request.')
  DOWNLOAD_CHUNK_BYTES: string?

  @description('Threads of a worker on which functions run; above MAX_REQUESTS_IN_PROGRESS.')
  PYTHON_THREADPOOL_THREAD_COUNT: string?

  @description('Arenas of glibc\'s allocator.')
  MALLOC_ARENA_MAX: string?
}

@export()
@description('Production values.')
var appSettings = {
  MODELS_FOLDER: 'models'
  MODEL: 'champion'
  MODELS_SOURCE: 'package'
  MODELS_REFRESH_SECONDS: '60'
  MAX_BODY_BYTES: '262144'
  MAX_BATCH_BODY_BYTES: '4194304'
  MAX_DRIVES: '1000'
  MAX_JSON_DEPTH: '32'
  MAX_REQUESTS_IN_PROGRESS: '24'
  MAX_BYTES_IN_PROGRESS: '1048576'
  LOG_HASH_KEY: ''
  MAX_REJECT_SHARE: '0.5'
  ESCAPE_FORMULAS: 'rejects'
  SCORE_THREADS: '2'
  RANGE_BYTES: '67108864'
  DOWNLOAD_CHUNK_BYTES: '16777216'
  BLOB_TRIGGER_SOURCE: 'EventGrid'
  PYTHON_THREADPOOL_THREAD_COUNT: '32'
  MALLOC_ARENA_MAX: '2'
  AzureWebJobsDisableHomepage: 'true'
}
