// Containers and queues, named as the code names them (functions/storage/containers.py, functions/batch/).

@export()
@description('Containers of the storage account.')
var containers = {
  telemetry: 'telemetry'
  predictions: 'predictions'
  runs: 'runs'
  history: 'history'
  models: 'models'
  appPackage: 'app-package'
  deadLetter: 'dead-letter'
}

@export()
@description('Queues of the storage account: ranges of large files, and events where the app is private.')
var queues = {
  telemetryRanges: 'telemetry-ranges'
  telemetryEvents: 'telemetry-events'
}
