// Everything Drivecast needs but its code, and the Event Grid subscription, which can only be made once the code is
// there (eventgrid.bicep).
//
//     az deployment sub create --location <region> --template-file infra/main.bicep --parameters infra/main.bicepparam

targetScope = 'subscription'

import { appSettingChoices } from 'modules/app-settings.bicep'
import { alertOptions, authenticationOptions, networkOptions } from 'types.bicep'
import { peopleOptions, retentionOptions, scaleOptions } from 'types.bicep'

metadata name = 'Drivecast'
metadata description = 'A Flex Consumption function app that forecasts drive failures, its storage and its monitoring.'

@description('Required. Name of the environment, such as dev or prod; part of every name.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Optional. Azure region, one that has Flex Consumption.')
param location string = deployment().location

@description('Optional. Name of the resource group.')
@minLength(1)
@maxLength(90)
param resourceGroupName string = 'rg-drivecast-${environmentName}'

@description('Optional. Tags of every resource.')
param tags { *: string } = {}

@description('Optional. Size and number of instances.')
param scale scaleOptions = {
  instanceMemoryMB: 2048
  maximumInstanceCount: 40
  alwaysReadyHttp: 0
  httpConcurrency: 16
  updateStrategy: 'Recreate'
}

@description('Optional. Days after which blobs and logs go.')
param retention retentionOptions = {
  runsDays: 7
  historyDays: 60
  predictionsDays: 0
  deadLetterDays: 30
  versionsDays: 7
  softDeleteDays: 7
  logsDays: 30
}

@description('Optional. When somebody is told, and who.')
param alerts alertOptions = {
  emails: []
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}

@description('Optional. First day of the month the budget starts in; only read when there is no budget yet.')
param budgetStartDate string = utcNow('yyyy-MM-01')

@description('Optional. Gigabytes of logs a day above which nothing is taken in; -1 for no limit.')
@minValue(-1)
param logsDailyQuotaGb int = 1

@description('Optional. Settings of functions/settings.py that differ from production\'s.')
param settings appSettingChoices = {}

@description('Optional. Who else may do something.')
param people peopleOptions = {
  uploaders: []
  operators: []
  deployers: []
}

@description('Optional. Who can reach storage and app over the network.')
param network networkOptions = {
  mode: 'public'
  addressPrefix: '10.20.0.0/24'
  appSubnetPrefix: '10.20.0.0/26'
  endpointSubnetPrefix: '10.20.0.64/26'
}

@description('Optional. Entra ID in front of the HTTP functions.')
param authentication authenticationOptions = {
  clientId: ''
  allowedApplications: []
}

@description('Optional. Whether storage and instances are spread over availability zones.')
param zoneRedundant bool = false

@description('Optional. Whether to make a Key Vault. Only LOG_HASH_KEY could be kept in it.')
param keyVault bool = false

// The same names at every deployment of an environment, unique in Azure.
var token = uniqueString(subscription().subscriptionId, environmentName, location)
var label = 'drivecast-${environmentName}'
var ownTags = {
  'azd-env-name': environmentName
  application: 'drivecast'
}
var allTags = union(tags, ownTags)
// Names are worked out here and not taken from outputs, so that what-if can look into every module.
var accountName = 'stdrivecast${token}'
var appName = 'func-${label}-${take(token, 6)}'
var workspaceName = 'log-${label}'
var componentName = 'appi-${label}'
var actionGroupName = 'ag-${label}'
var eventsIdentityName = 'id-${label}-events'
var privateStorage = network.mode != 'public'
var privateApp = network.mode == 'private'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module appIdentity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${label}-app'
    location: location
    tags: allTags
  }
}

module eventsIdentity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: eventsIdentityName
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    componentName: componentName
    location: location
    tags: allTags
    retentionDays: retention.logsDays
    dailyQuotaGb: logsDailyQuotaGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: accountName
    location: location
    tags: allTags
    zoneRedundant: zoneRedundant
    private: privateStorage
    softDeleteDays: retention.softDeleteDays
  }
}

module containers 'modules/containers.bicep' = {
  scope: group
  params: {
    accountName: accountName
  }
  dependsOn: [storage]
}

module lifecycle 'modules/lifecycle.bicep' = {
  scope: group
  params: {
    accountName: accountName
    retention: retention
  }
  dependsOn: [storage]
}

module virtualNetwork 'modules/network.bicep' = if (privateStorage) {
  scope: group
  params: {
    name: 'vnet-${label}'
    location: location
    tags: allTags
    network: network
  }
}

module storageEndpoints 'modules/private-endpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: if (privateStorage) {
    scope: group
    params: {
      name: 'pe-${label}-${service}'
      location: location
      tags: allTags
      targetId: storage.outputs.id
      service: service
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
      virtualNetworkId: virtualNetwork.?outputs.id ?? ''
      subnetId: virtualNetwork.?outputs.endpointSubnetId ?? ''
    }
  }
]

module appAccess 'modules/access-app.bicep' = {
  scope: group
  params: {
    // A role assignment is named after its principal, which is known once the identity is there.
    #disable-next-line what-if-short-circuiting
    principalId: appIdentity.outputs.principalId
    accountName: accountName
    componentName: componentName
  }
  dependsOn: [monitoring, storage]
}

module eventsAccess 'modules/access-events.bicep' = {
  scope: group
  params: {
    #disable-next-line what-if-short-circuiting
    principalId: eventsIdentity.outputs.principalId
    accountName: accountName
  }
  dependsOn: [containers]
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    planName: 'plan-${label}'
    appName: appName
    location: location
    tags: allTags
    scale: scale
    zoneRedundant: zoneRedundant
    settings: settings
    identityId: appIdentity.outputs.id
    identityClientId: appIdentity.outputs.clientId
    accountName: accountName
    componentName: componentName
    subnetId: virtualNetwork.?outputs.appSubnetId ?? ''
    private: privateApp
  }
  // The host looks into storage as soon as the app is there.
  dependsOn: [appAccess, containers, storageEndpoints]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateApp) {
  scope: group
  params: {
    name: 'pe-${label}-sites'
    location: location
    tags: allTags
    targetId: app.outputs.id
    service: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
    virtualNetworkId: virtualNetwork.?outputs.id ?? ''
    subnetId: virtualNetwork.?outputs.endpointSubnetId ?? ''
  }
}

module appAuthentication 'modules/authentication.bicep' = if (!empty(authentication.clientId)) {
  scope: group
  params: {
    appName: appName
    authentication: authentication
  }
  dependsOn: [app]
}

module peopleAccess 'modules/access-people.bicep' = {
  scope: group
  params: {
    people: people
    accountName: accountName
    appName: appName
    workspaceName: workspaceName
  }
  dependsOn: [app, containers, monitoring]
}

module vault 'modules/key-vault.bicep' = if (keyVault) {
  scope: group
  params: {
    name: 'kv-dc-${token}'
    location: location
    tags: allTags
    private: privateStorage
    // A role assignment is named after its principal, which is known once the identity is there.
    #disable-next-line what-if-short-circuiting
    principalId: appIdentity.outputs.principalId
  }
}

module vaultEndpoint 'modules/private-endpoint.bicep' = if (keyVault && privateStorage) {
  scope: group
  params: {
    name: 'pe-${label}-vault'
    location: location
    tags: allTags
    targetId: vault.?outputs.id ?? ''
    service: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
    virtualNetworkId: virtualNetwork.?outputs.id ?? ''
    subnetId: virtualNetwork.?outputs.endpointSubnetId ?? ''
  }
}

module diagnostics 'modules/diagnostics.bicep' = {
  scope: group
  params: {
    accountName: accountName
    appName: appName
    workspaceName: workspaceName
  }
  dependsOn: [app, containers, monitoring]
}

module actionGroup 'modules/action-group.bicep' = {
  scope: group
  params: {
    name: actionGroupName
    tags: allTags
    emails: alerts.emails
  }
}

module logAlerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    prefix: label
    location: location
    tags: allTags
    workspaceName: workspaceName
    actionGroupName: actionGroupName
    options: alerts
  }
  dependsOn: [actionGroup, monitoring]
}

module budget 'modules/budget.bicep' = if (alerts.monthlyBudget > 0) {
  scope: group
  params: {
    prefix: 'budget-${label}'
    amount: alerts.monthlyBudget
    actionGroupName: actionGroupName
    startDate: budgetStartDate
  }
  dependsOn: [actionGroup]
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceName: workspaceName
  }
  dependsOn: [monitoring]
}

@description('Name of the resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output DRIVECAST_APP string = appName

@description('Address of the function app.')
output DRIVECAST_URL string = app.outputs.url

@description('Name of the storage account.')
output DRIVECAST_STORAGE string = accountName

@description('Name of the identity Event Grid delivers with.')
output DRIVECAST_EVENTS_IDENTITY string = eventsIdentityName

@description('Name of the Log Analytics workspace.')
output DRIVECAST_WORKSPACE string = workspaceName

@description('Name of the action group.')
output DRIVECAST_ACTION_GROUP string = actionGroupName

@description('How Event Grid reaches the app: webhook, or queue where the app is private.')
output DRIVECAST_DELIVERY string = privateApp ? 'queue' : 'webhook'
