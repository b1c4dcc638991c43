// Everything that the types allow and that cannot work; main.bicep says so.
using '../../../infra/main.bicep'

param environmentName = 'dev'
param location = 'west-europe'
param resourceGroupName = 'a/b.'
param logsDailyQuotaGb = 0
param people = {
  uploaders: [
    { id: 'somebody@example.com', type: 'User' }
    { id: 'gaaaaaaa-0000-4000-8000-00000000000a', type: 'User' }
    { id: 'aaaaaaaa0-000-4000-8000-00000000000a', type: 'User' }
  ]
  operators: [
    { id: 'aaaaaaaa-0000-4000-8000-00000000000a', type: 'User' }
  ]
  deployers: [
    { id: 'AAAAAAAA-0000-4000-8000-00000000000A', type: 'Group' }
  ]
}
param alerts = {
  emails: ['somebody', 'a b@example.com', 'a@example.com;b@example.com']
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}
param authentication = {
  clientId: 'not a guid'
  allowedApplications: ['dddddddd-0000-4000-8000-00000000000']
}
param corsOrigins = ['*', 'dashboard.example.com', 'https://', 'https://dashboard.example.com/page', 'https://*.example.com']
