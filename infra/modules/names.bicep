// Containers and queues, named as the code names them (functions/storage/containers.py, functions/batch/).

@export()
@description('Containers of the storage account.')
var containers = {
  telemetry: 'telemetry'
  predictions: 'predictions'
  runs: 'runs'
  history: 'history'
  givenUp: 'given-up'
  models: 'models'
  appPackage: 'app-package'
  deadLetter: 'dead-letter'
}

@export()
@description('Queues of the storage account: ranges of large files, announced files, and what was tried too often.')
var queues = {
  telemetryRanges: 'telemetry-ranges'
  telemetryEvents: 'telemetry-events'
  blobPoison: 'webjobs-blobtrigger-poison'
  rangesPoison: 'telemetry-ranges-poison'
  eventsPoison: 'telemetry-events-poison'
}
