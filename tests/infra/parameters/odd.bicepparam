// The same as usual.bicepparam: with blanks, in capitals, several times, and with empty ones between.
using '../../../infra/main.bicep'

param environmentName = ' DEV'
param location = ' West Europe '
param budgetStartDate = '2026-01-01'
param people = {
  uploaders: [
    { id: 'AAAAAAAA-0000-4000-8000-00000000000A', type: 'User' }
    { id: '', type: 'User' }
  ]
  operators: [
    { id: 'aaaaaaaa-0000-4000-8000-00000000000a', type: 'User' }
    { id: ' aaaaaaaa-0000-4000-8000-00000000000a ', type: 'User' }
    { id: ' ', type: 'Group' }
  ]
  deployers: [
    { id: 'bbbbbbbb-0000-4000-8000-00000000000b', type: 'Group' }
    { id: 'BBBBBBBB-0000-4000-8000-00000000000B', type: 'Group' }
  ]
}
param alerts = {
  emails: ['a@example.com', ' A@example.com', '', ' ', 'B@example.com ']
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}
param authentication = {
  clientId: ' CCCCCCCC-0000-4000-8000-00000000000C'
  allowedApplications: ['dddddddd-0000-4000-8000-00000000000d', 'DDDDDDDD-0000-4000-8000-00000000000D ', '']
}
param retention = {
  runsDays: 7
  historyDays: 36
  predictionsDays: 0
  deadLetterDays: 30
  versionsDays: 7
  softDeleteDays: 7
  logsDays: 30
}
param corsOrigins = [' HTTPS://Dashboard.example.com', '', 'http://localhost:5173', 'https://dashboard.example.com ']
