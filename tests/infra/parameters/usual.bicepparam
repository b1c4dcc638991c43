// Each thing once, in its usual spelling.
using '../../../infra/main.bicep'

param environmentName = 'dev'
param location = 'westeurope'
param budgetStartDate = '2026-01-01'
param people = {
  uploaders: []
  operators: [
    { id: 'aaaaaaaa-0000-4000-8000-00000000000a', type: 'User' }
  ]
  deployers: [
    { id: 'bbbbbbbb-0000-4000-8000-00000000000b', type: 'Group' }
  ]
}
param alerts = {
  emails: ['a@example.com', 'b@example.com']
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}
param authentication = {
  clientId: 'cccccccc-0000-4000-8000-00000000000c'
  allowedApplications: ['dddddddd-0000-4000-8000-00000000000d']
}
// As short as the look-up into history allows.
param retention = {
  runsDays: 7
  historyDays: 36
  predictionsDays: 0
  deadLetterDays: 30
  versionsDays: 7
  softDeleteDays: 7
  logsDays: 30
}
param corsOrigins = ['https://dashboard.example.com', 'http://localhost:5173']
