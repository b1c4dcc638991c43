// What the types do not allow; the compiler says so.
using '../../../infra/main.bicep'

param environmentName = 'x'
param people = {
  uploaders: []
  operators: [
    { id: 'aaaaaaaa-0000-4000-8000-00000000000a', type: 'robot' }
  ]
  deployers: []
}
// A day too short for the look-up into history.
param retention = {
  runsDays: 7
  historyDays: 35
  predictionsDays: 0
  deadLetterDays: 30
  versionsDays: 7
  softDeleteDays: 7
  logsDays: 30
}
