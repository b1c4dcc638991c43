// The way from a new blob to the app. Deployed after the code: the web-hook's key exists, and its handshake is
// answered, only once the blob-triggered function has been indexed.
//
//     az deployment group create --resource-group <group> --template-file infra/eventgrid.bicep --parameters ...
//
// infra/hooks/event-grid.sh fills in the parameters from main.bicep's outputs.

import { containers, queues } from 'modules/names.bicep'

metadata name = 'Drivecast event delivery'
metadata description = 'System topic of the storage account, and its subscription that tells the app of new telemetry.'

@description('Optional. Azure region; that of the storage account.')
param location string = resourceGroup().location

@description('Optional. Tags of every resource; those of the resource group, which main.bicep gave it.')
param tags { *: string } = resourceGroup().?tags ?? {}

@description('Required. Name of the function app.')
param appName string

@description('Required. Name of the storage account.')
param accountName string

@description('Required. Name of the identity to deliver with where the storage account is open.')
param eventsIdentityName string

@description('Required. Name of the Log Analytics workspace.')
param workspaceName string

@description('Required. Name of the action group that hears of dead letters.')
param actionGroupName string

@description('Optional. webhook, or queue for an app that Event Grid cannot reach.')
param delivery 'webhook' | 'queue' = 'webhook'

@description('Optional. private where the storage account is closed: Event Grid then gets in with the identity of the topic itself, as a trusted service, and with no other. Who deploys has to be allowed to assign roles.')
param storageNetwork 'public' | 'private' = 'public'

var functionName = 'score_telemetry'
var toWebhookName = 'telemetry-to-webhook'
var toQueueName = 'telemetry-to-queue'

// A message waits a week for an app that is stopped.
var queueTimeToLiveSeconds = 604800

var uploads = {
  includedEventTypes: ['Microsoft.Storage.BlobCreated']
  // With /blobs/ at its end, or telemetry-archive would match as well.
  subjectBeginsWith: '/blobServices/default/containers/${containers.telemetry}/blobs/'
  isSubjectCaseSensitive: false
  advancedFilters: [
    {
      operatorType: 'StringEndsWith'
      key: 'subject'
      values: ['.csv', '.csv.gz', '.json', '.json.gz']
    }
    {
      // Events of finished uploads; CreateFile, for one, comes before there is content.
      operatorType: 'StringIn'
      key: 'data.api'
      values: ['PutBlob', 'PutBlockList', 'CopyBlob', 'FlushWithClose']
    }
  ]
}

// The host knows no other way in than its own key. It is read here and kept by Event Grid; nobody sees it. Azure looks
// at a resource's properties even where it is not deployed, and a host that gets events from a queue may have no key.
var webhookKey = delivery == 'webhook'
  ? listKeys('${app.id}/host/default', app.apiVersion).systemKeys.blobs_extension
  : ''

// The topic's own identity is there only once the topic is, and its roles later still: a first subscription may be
// refused until they have arrived. Where the account is open, an identity that was there before does without the wait.
var isClosed = storageNetwork == 'private'
var writer = isClosed
  ? {
      type: 'SystemAssigned'
    }
  : {
      type: 'UserAssigned'
      userAssignedIdentity: identity.id
    }

var deadLetter = {
  identity: writer
  deadLetterDestination: {
    endpointType: 'StorageBlob'
    properties: {
      resourceId: account.id
      blobContainerName: containers.deadLetter
    }
  }
}

var retryPolicy = {
  maxDeliveryAttempts: 30
  eventTimeToLiveInMinutes: 1440
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: eventsIdentityName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: actionGroupName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${accountName}'
  location: location
  tags: tags
  identity: isClosed
    ? {
        type: 'SystemAssigned'
      }
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${identity.id}': {}
        }
      }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

module topicAccess 'modules/access-events.bicep' = if (isClosed) {
  params: {
    // A role assignment is named after its principal, which is known once the topic is there.
    #disable-next-line what-if-short-circuiting
    principalId: topic.identity.principalId
    accountName: accountName
  }
}

resource toWebhook 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (delivery == 'webhook') {
  parent: topic
  name: toWebhookName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: uploads
    retryPolicy: retryPolicy
    deadLetterWithResourceIdentity: deadLetter
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${webhookKey}'
        maxEventsPerBatch: 1
        minimumTlsVersionAllowed: '1.2'
      }
    }
  }
  dependsOn: [topicAccess]
}

resource toQueue 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (delivery == 'queue') {
  parent: topic
  name: toQueueName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: uploads
    retryPolicy: retryPolicy
    deadLetterWithResourceIdentity: deadLetter
    deliveryWithResourceIdentity: {
      identity: writer
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: account.id
          queueName: queues.telemetryEvents
          queueMessageTimeToLiveInSeconds: queueTimeToLiveSeconds
        }
      }
    }
  }
  dependsOn: [topicAccess]
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: topic
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'DeliveryFailures'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

resource deadLetterAlert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${topic.name}-dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'Drivecast: an event could not be delivered. The file it told of has not been scored.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [topic.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dead-letters'
          metricName: 'DeadLetteredCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}

@description('Name of the system topic.')
output topicName string = topic.name

@description('Name of the event subscription.')
output subscriptionName string = delivery == 'webhook' ? toWebhookName : toQueueName
