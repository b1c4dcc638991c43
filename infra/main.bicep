// Everything Drivecast needs but its code, and the Event Grid subscription, which can only be made once the code is
// there (eventgrid.bicep).
//
//     az deployment sub create --location <region> --template-file infra/main.bicep --parameters infra/main.bicepparam
//
// AZURE_LOCATION, where it is set, comes before --location.

targetScope = 'subscription'

import { appSettingChoices } from 'modules/app-settings.bicep'
import { cleanAuthentication, distinctPeople, distinctWords, folded, region } from 'modules/cleaning.bicep'
import { faultsOfClients, faultsOfEmails, faultsOfGroup, faultsOfName } from 'modules/cleaning.bicep'
import { faultsOfNumber, faultsOfOrigins, faultsOfPeople, faultsOfRegion } from 'modules/cleaning.bicep'
import { alertOptions, authenticationOptions, networkOptions } from 'types.bicep'
import { peopleOptions, retentionOptions, scaleOptions } from 'types.bicep'

metadata name = 'Drivecast'
metadata description = 'A Flex Consumption function app that forecasts drive failures, its storage and its monitoring.'

@description('Required. Name of the environment, such as dev or prod; part of every name.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Optional. Azure region, one that has Flex Consumption, however it is spelled; empty for that of the deployment (--location). Not to be changed later: for another region deploy an environment of another name, copy the container telemetry, destroy the old one (make destroy ENV=OLD).')
param location string = ''

@description('Optional. Name of the resource group. Not to be changed later: app and account keep their names, and those are taken until the old group is deleted (az group delete --name OLD).')
@minLength(1)
@maxLength(90)
param resourceGroupName string = 'rg-drivecast-${toLower(trim(environmentName))}'

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

@description('Optional. Gigabytes of logs a day above which nothing is taken in, what the alerts ask for included: at least 1, or -1 for no limit.')
@minValue(-1)
param logsDailyQuotaGb int = 1

@description('Optional. Settings of functions/settings.py that differ from production\'s.')
param settings appSettingChoices = {}

@description('Optional. Who else may do something: at most 700 role assignments, which are 350 uploaders, 175 deployers or 70 operators. A group counts once, however many are in it.')
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

@description('Optional. Origins whose pages may read the app\'s answers in a browser (CORS), such as https://dashboard.example.com; none by default.')
param corsOrigins string[] = []

@description('Optional. Entra ID in front of the HTTP functions.')
param authentication authenticationOptions = {
  clientId: ''
  allowedApplications: []
}

@description('Optional. Whether storage and instances are spread over availability zones. To be chosen at the first deployment: an account that is there is converted by request only (az storage account migration start --account-name NAME --resource-group GROUP --sku Standard_ZRS --name default).')
param zoneRedundant bool = false

@description('Optional. Whether to make a Key Vault. Only LOG_HASH_KEY could be kept in it. A deleted vault keeps its name for 90 days: deploy again after az keyvault recover --name NAME.')
param keyVault bool = false

// What can be written in two ways has one meaning, and so one name.
var name = folded(environmentName)
#disable-next-line no-loc-expr-outside-params // what is not given is asked for here, in a parameter's stead
var place = region(empty(trim(location)) ? deployment().location : location)
var everybody = concat(people.uploaders, people.operators, people.deployers)
var emails = distinctWords(alerts.emails)
var faults = concat(
  faultsOfName(name),
  empty(faultsOfName(name)) ? faultsOfGroup(resourceGroupName) : [],
  faultsOfRegion(place),
  faultsOfEmails(emails),
  faultsOfPeople(everybody),
  faultsOfNumber(people),
  faultsOfClients(authentication),
  faultsOfOrigins(distinctWords(corsOrigins)),
  logsDailyQuotaGb == 0 ? ['logsDailyQuotaGb is 0; expected 1 or more, or -1 for no limit'] : []
)

// The same names at every deployment of an environment, unique in Azure.
var token = uniqueString(subscription().subscriptionId, name, place)
var label = 'drivecast-${name}'
var ownTags = {
  // As it was typed: azd finds an environment's resources by its own spelling.
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
  // Everything is in this group: where its name cannot be worked out, Azure makes nothing and says why.
  name: empty(faults) ? resourceGroupName : fail(join(faults, '; '))
  location: place
  tags: allTags
}

module appIdentity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${label}-app'
    location: place
    tags: allTags
  }
}

// Into an account that is closed Event Grid gets with its topic's own identity only: eventgrid.bicep.
module eventsIdentity 'modules/identity.bicep' = if (!privateStorage) {
  scope: group
  params: {
    name: eventsIdentityName
    location: place
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    componentName: componentName
    location: place
    tags: allTags
    retentionDays: retention.logsDays
    dailyQuotaGb: logsDailyQuotaGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: accountName
    location: place
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
    location: place
    tags: allTags
    network: network
  }
}

module storageEndpoints 'modules/private-endpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: if (privateStorage) {
    scope: group
    params: {
      name: 'pe-${label}-${service}'
      location: place
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

module eventsAccess 'modules/access-events.bicep' = if (!privateStorage) {
  scope: group
  params: {
    #disable-next-line what-if-short-circuiting
    principalId: eventsIdentity!.outputs.principalId
    accountName: accountName
  }
  dependsOn: [containers]
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    planName: 'plan-${label}'
    appName: appName
    location: place
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
    corsOrigins: distinctWords(corsOrigins)
  }
  // The host looks into storage as soon as the app is there.
  dependsOn: [appAccess, containers, storageEndpoints]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateApp) {
  scope: group
  params: {
    name: 'pe-${label}-sites'
    location: place
    tags: allTags
    targetId: app.outputs.id
    service: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
    virtualNetworkId: virtualNetwork.?outputs.id ?? ''
    subnetId: virtualNetwork.?outputs.endpointSubnetId ?? ''
  }
}

module appAuthentication 'modules/authentication.bicep' = if (!empty(folded(authentication.clientId))) {
  scope: group
  params: {
    appName: appName
    authentication: cleanAuthentication(authentication)
  }
  dependsOn: [app]
}

module peopleAccess 'modules/access-people.bicep' = {
  scope: group
  params: {
    uploaders: distinctPeople(everybody)
    operators: distinctPeople(people.operators)
    deployers: distinctPeople(people.deployers)
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
    location: place
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
    location: place
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
    emails: emails
  }
}

module logAlerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    prefix: label
    location: place
    tags: allTags
    workspaceName: workspaceName
    appName: appName
    actionGroupName: actionGroupName
    options: alerts
  }
  dependsOn: [actionGroup, app, monitoring]
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
    location: place
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

@description('Name of the identity Event Grid delivers with where the storage account is open.')
output DRIVECAST_EVENTS_IDENTITY string = eventsIdentityName

@description('Name of the Log Analytics workspace.')
output DRIVECAST_WORKSPACE string = workspaceName

@description('Name of the action group.')
output DRIVECAST_ACTION_GROUP string = actionGroupName

@description('How Event Grid reaches the app: webhook, or queue where the app is private.')
output DRIVECAST_DELIVERY string = privateApp ? 'queue' : 'webhook'

@description('Who reaches the storage account over the network: public, or private where it is closed.')
output DRIVECAST_STORAGE_NETWORK string = privateStorage ? 'private' : 'public'
