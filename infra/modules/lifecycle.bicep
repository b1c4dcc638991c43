// What is deleted when. Azure looks once a day.

import { containers } from 'names.bicep'
import { retentionOptions } from '../types.bicep'

@description('Required. Name of the storage account.')
param accountName string

@description('Required. Days after which blobs go.')
param retention retentionOptions

// A year of overwritten registries and aliases is enough to tell who answered when.
var modelVersionsDays = 365

var filesOf = {
  runs: {
    prefixes: ['${containers.runs}/']
    days: retention.runsDays
  }
  history: {
    prefixes: ['${containers.history}/']
    days: retention.historyDays
  }
  predictions: {
    prefixes: ['${containers.predictions}/']
    days: retention.predictionsDays
  }
  'dead-letter': {
    prefixes: ['${containers.deadLetter}/']
    days: retention.deadLetterDays
  }
}

var deleteFiles = [
  for rule in items(filesOf): {
    name: 'delete-${rule.key}'
    type: 'Lifecycle'
    enabled: rule.value.days > 0
    definition: {
      filters: {
        blobTypes: ['blockBlob']
        prefixMatch: rule.value.prefixes
      }
      actions: {
        baseBlob: {
          delete: {
            // 0 means kept: the rule is then disabled, but has to be a valid one.
            daysAfterModificationGreaterThan: max(rule.value.days, 1)
          }
        }
      }
    }
  }
]

var deleteVersions = [
  {
    name: 'delete-overwritten'
    type: 'Lifecycle'
    enabled: true
    definition: {
      filters: {
        blobTypes: ['blockBlob']
        prefixMatch: [
          '${containers.telemetry}/'
          '${containers.predictions}/'
          '${containers.runs}/'
          '${containers.history}/'
          '${containers.givenUp}/'
          '${containers.appPackage}/'
          '${containers.deadLetter}/'
          // The host's leases and receipts.
          'azure-webjobs-hosts/'
        ]
      }
      actions: {
        version: {
          delete: {
            daysAfterCreationGreaterThan: retention.versionsDays
          }
        }
      }
    }
  }
  {
    name: 'delete-overwritten-models'
    type: 'Lifecycle'
    enabled: true
    definition: {
      filters: {
        blobTypes: ['blockBlob']
        prefixMatch: ['${containers.models}/']
      }
      actions: {
        version: {
          delete: {
            daysAfterCreationGreaterThan: modelVersionsDays
          }
        }
      }
    }
  }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource policy 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: concat(deleteFiles, deleteVersions)
    }
  }
}
