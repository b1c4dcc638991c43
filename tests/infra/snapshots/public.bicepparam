// Open to the internet, with everything that can be switched on there.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'West Europe'
param budgetStartDate = '2026-01-01'
param tags = {
  owner: 'storage-team'
}
param scale = {
  instanceMemoryMB: 2048
  maximumInstanceCount: 40
  alwaysReadyHttp: 1
  httpConcurrency: 16
  updateStrategy: 'RollingUpdate'
}
param settings = {
  MODELS_SOURCE: 'container'
  LOG_HASH_KEY: '@Microsoft.KeyVault(SecretUri=https://kv.example/secrets/log-hash-key)'
}
// One person in two spellings and two lists, and somebody who is not there.
param people = {
  uploaders: [
    { id: '00000000-0000-4000-8000-00000000000a', type: 'Group' }
    { id: ' ', type: 'User' }
  ]
  operators: [
    { id: '00000000-0000-4000-8000-00000000000b', type: 'User' }
    { id: ' 00000000-0000-4000-8000-00000000000B', type: 'User' }
    { id: '00000000-0000-4000-8000-00000000000d', type: 'User' }
  ]
  deployers: [
    { id: '00000000-0000-4000-8000-00000000000b', type: 'User' }
    { id: '00000000-0000-4000-8000-00000000000c', type: 'ServicePrincipal' }
  ]
}
param authentication = {
  clientId: '00000000-0000-4000-8000-0000000000A1'
  allowedApplications: ['00000000-0000-4000-8000-0000000000a2', ' 00000000-0000-4000-8000-0000000000A2 ']
}
param corsOrigins = ['https://dashboard.example.com']
param zoneRedundant = true
param keyVault = true
