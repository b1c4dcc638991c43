// What Event Grid's identity may do: write what it could not deliver, and deliver into one queue.

import { containers, queues } from 'names.bicep'
import { roles } from 'roles.bicep'

@description('Required. Object id of the identity the system topic delivers with.')
param principalId string

@description('Required. Name of the storage account.')
param accountName string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName

  resource blobs 'blobServices@2025-01-01' existing = {
    name: 'default'

    resource deadLetter 'containers@2025-01-01' existing = {
      name: containers.deadLetter
    }
  }

  resource queueService 'queueServices@2025-06-01' existing = {
    name: 'default'

    resource telemetryEvents 'queues@2025-06-01' existing = {
      name: queues.telemetryEvents
    }
  }
}

resource deadLetterContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::deadLetter.id, principalId, roles.storageBlobDataContributor)
  scope: account::blobs::deadLetter
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
    description: 'Events that could not be delivered.'
  }
}

resource eventSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::queueService::telemetryEvents.id, principalId, roles.storageQueueDataMessageSender)
  scope: account::queueService::telemetryEvents
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
    description: 'Events for an app that Event Grid cannot reach.'
  }
}
