// The Flex Consumption plan and the function app.

import { appSettingChoices, appSettings } from 'app-settings.bicep'
import { containers } from 'names.bicep'
import { scaleOptions } from '../types.bicep'

@description('Required. Name of the plan.')
param planName string

@description('Required. Name of the app.')
param appName string

@description('Required. Azure region.')
param location string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Size and number of instances.')
param scale scaleOptions

@description('Required. Whether instances are spread over zones; two are then kept warm for every scale group, and paid for.')
param zoneRedundant bool

@description('Required. Settings that differ from production\'s.')
param settings appSettingChoices

@description('Required. Resource id of the app\'s identity.')
param identityId string

@description('Required. Client id of the app\'s identity.')
param identityClientId string

@description('Required. Name of the storage account.')
param accountName string

@description('Required. Name of the Application Insights component.')
param componentName string

@description('Required. Resource id of the subnet the app calls out from; empty for none.')
param subnetId string

@description('Required. Whether the app is reached through a private endpoint only.')
param private bool

@description('Required. Origins whose pages may read the app\'s answers; none: CORS is off.')
param corsOrigins string[]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// What the host reads. The connection string says where traces go; with local authentication off it lets nobody in.
var platformSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  // azd finds the app that is the service `app` of azure.yaml by this tag.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${containers.appPackage}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: scale.instanceMemoryMB
        maximumInstanceCount: scale.maximumInstanceCount
        alwaysReady: scale.alwaysReadyHttp > 0
          ? [
              {
                name: 'http'
                instanceCount: scale.alwaysReadyHttp
              }
            ]
          : []
        triggers: {
          http: {
            perInstanceConcurrency: scale.httpConcurrency
          }
        }
      }
      // Documented for this API version, but missing from its published type.
      #disable-next-line BCP037
      siteUpdateStrategy: {
        type: scale.updateStrategy
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      cors: {
        allowedOrigins: corsOrigins
        supportCredentials: false
      }
      // Not a loop: a loop has to know at the start what it goes over, and the account's addresses come later.
      appSettings: map(items(union(appSettings, settings, platformSettings)), setting => {
        name: setting.key
        value: setting.value
      })
    }
  }
}

// Code is deployed with a token of Entra ID; there is no publishing password.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('Resource id.')
output id string = app.id

@description('Address of the app.')
output url string = 'https://${app.properties.defaultHostName}'
