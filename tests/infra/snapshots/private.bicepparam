// Closed altogether, with alerts by mail and no budget.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param budgetStartDate = '2026-01-01'
param alerts = {
  emails: ['storage@example.com', ' Storage@example.com', '']
  latencyMs: 500
  failures: 2
  dailyFile: false
  monthlyBudget: 0
}
param retention = {
  runsDays: 3
  historyDays: 90
  predictionsDays: 365
  deadLetterDays: 14
  versionsDays: 2
  softDeleteDays: 14
  logsDays: 90
}
param network = {
  mode: 'private'
  addressPrefix: '10.30.0.0/24'
  appSubnetPrefix: '10.30.0.0/26'
  endpointSubnetPrefix: '10.30.0.64/26'
}
// Blank, which is no authentication.
param authentication = {
  clientId: ' '
  allowedApplications: []
}
param keyVault = true
param logsDailyQuotaGb = -1
