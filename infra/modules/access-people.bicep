// What people and other applications may do, one role for one place each.

import { distinctPeople } from 'cleaning.bicep'
import { containers } from 'names.bicep'
import { roles } from 'roles.bicep'
import { principal } from '../types.bicep'

@description('Required. Who drops files and reads what came out: operators and deployers too, whose smoke test does.')
param uploaders principal[]

@description('Required. Who runs it.')
param operators principal[]

@description('Required. Who deploys the code.')
param deployers principal[]

@description('Required. Name of the storage account.')
param accountName string

@description('Required. Name of the function app.')
param appName string

@description('Required. Name of the Log Analytics workspace.')
param workspaceName string

// Who looks for a fault asks the control plane. Reader sees no data, no key and no value of an app setting.
var readers = distinctPeople(concat(operators, deployers))

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName

  resource blobs 'blobServices@2025-01-01' existing = {
    name: 'default'

    resource telemetry 'containers@2025-01-01' existing = {
      name: containers.telemetry
    }

    resource predictions 'containers@2025-01-01' existing = {
      name: containers.predictions
    }

    resource runs 'containers@2025-01-01' existing = {
      name: containers.runs
    }

    resource history 'containers@2025-01-01' existing = {
      name: containers.history
    }

    resource givenUp 'containers@2025-01-01' existing = {
      name: containers.givenUp
    }

    resource models 'containers@2025-01-01' existing = {
      name: containers.models
    }

    resource deadLetter 'containers@2025-01-01' existing = {
      name: containers.deadLetter
    }
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource telemetryContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in uploaders: {
    name: guid(account::blobs::telemetry.id, person.id, roles.storageBlobDataContributor)
    scope: account::blobs::telemetry
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
      description: 'Drop telemetry files.'
    }
  }
]

resource predictionsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in uploaders: {
    name: guid(account::blobs::predictions.id, person.id, roles.storageBlobDataReader)
    scope: account::blobs::predictions
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
      description: 'Read predictions, rejects and summaries.'
    }
  }
]

resource runsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account::blobs::runs.id, person.id, roles.storageBlobDataReader)
    scope: account::blobs::runs
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
      description: 'See what a dead run left.'
    }
  }
]

resource historyReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account::blobs::history.id, person.id, roles.storageBlobDataReader)
    scope: account::blobs::history
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
      description: 'See which days have snapshots.'
    }
  }
]

resource deadLetterReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account::blobs::deadLetter.id, person.id, roles.storageBlobDataReader)
    scope: account::blobs::deadLetter
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
      description: 'See what could not be delivered.'
    }
  }
]

resource givenUpContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account::blobs::givenUp.id, person.id, roles.storageBlobDataContributor)
    scope: account::blobs::givenUp
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
      description: 'List and replay the files that were given up.'
    }
  }
]

resource modelsContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account::blobs::models.id, person.id, roles.storageBlobDataContributor)
    scope: account::blobs::models
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
      description: 'Publish, promote and roll back models.'
    }
  }
]

resource poisonContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(account.id, person.id, roles.storageQueueDataContributor)
    scope: account
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageQueueDataContributor
      )
      description: 'Count what waits in the queues, and clear messages that are not the app\'s.'
    }
  }
]

resource logsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in operators: {
    name: guid(workspace.id, person.id, roles.logAnalyticsReader)
    scope: workspace
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.logAnalyticsReader)
      description: 'Query logs and traces.'
    }
  }
]

resource groupReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in readers: {
    name: guid(resourceGroup().id, person.id, roles.reader)
    scope: resourceGroup()
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.reader)
      description: 'See what is deployed and its metrics.'
    }
  }
]

resource codeDeployer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for person in deployers: {
    name: guid(app.id, person.id, roles.websiteContributor)
    scope: app
    properties: {
      principalId: person.id
      principalType: person.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.websiteContributor)
      description: 'Deploy the code.'
    }
  }
]
