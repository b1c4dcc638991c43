// The alerts that ask the workspace, and one on a metric of the app, which says that answers are 5xx while the workspace
// takes nothing in. Each is explained, with a first look and a fix, in docs/runbook.md.

import { alertOptions } from '../types.bicep'

@description('Required. Start of the alerts\' names.')
param prefix string

@description('Required. Azure region.')
param location string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Name of the workspace.')
param workspaceName string

@description('Required. Name of the function app.')
param appName string

@description('Required. Name of the action group.')
param actionGroupName string

@description('Required. Thresholds.')
param options alertOptions

var rules = [
  {
    name: 'failures'
    displayName: 'Invocations fail'
    description: 'Functions threw, or answered 5xx.'
    severity: 1
    enabled: true
    query: loadTextContent('../queries/failures.kql')
    windowSize: 'PT15M'
    evaluationFrequency: 'PT5M'
    operator: 'GreaterThan'
    threshold: options.failures
  }
  {
    name: 'poison'
    displayName: 'A file was given up'
    description: 'No try could score a telemetry file. It is not lost: it can be replayed.'
    severity: 1
    enabled: true
    query: loadTextContent('../queries/poison.kql')
    windowSize: 'PT15M'
    evaluationFrequency: 'PT5M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'logs-full'
    displayName: 'No more logs are taken in today'
    description: 'The workspace has reached its limit of a day. The alerts that ask it are blind until the next.'
    severity: 1
    enabled: true
    query: loadTextContent('../queries/logs-full.kql')
    windowSize: 'PT15M'
    evaluationFrequency: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'latency'
    displayName: 'POST predict is slow'
    description: 'The 95th percentile of POST predict is above the limit.'
    severity: 2
    enabled: true
    query: replace(loadTextContent('../queries/latency.kql'), '{latencyMs}', string(options.latencyMs))
    windowSize: 'PT30M'
    evaluationFrequency: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'drift'
    displayName: 'Telemetry has drifted from the training data'
    description: 'An attribute\'s population stability index is above 0.2.'
    severity: 2
    enabled: true
    query: loadTextContent('../queries/drift.kql')
    windowSize: 'P1D'
    evaluationFrequency: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'silence'
    displayName: 'No file scored for a day'
    description: 'Nobody uploads, or the trigger does not fire.'
    severity: 2
    enabled: options.dailyFile
    query: loadTextContent('../queries/silence.kql')
    windowSize: 'P1D'
    evaluationFrequency: 'PT1H'
    operator: 'LessThan'
    threshold: 1
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: actionGroupName
}

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource serverErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${prefix}-server-errors'
  location: 'global'
  tags: tags
  properties: {
    description: 'Drivecast: the app answers 5xx, says the platform, which counts without the workspace.'
    severity: 2
    enabled: true
    autoMitigate: true
    scopes: [app.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'server-errors'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: options.failures
          // An app that has never been asked has no metrics yet.
          skipMetricValidation: true
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

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${prefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Drivecast: ${rule.displayName}'
      description: rule.description
      severity: rule.severity
      enabled: rule.enabled
      scopes: [workspace.id]
      windowSize: rule.windowSize
      evaluationFrequency: rule.evaluationFrequency
      autoMitigate: true
      // A table is there once something has been written into it, and a new workspace has none of them yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [actionGroup.id]
      }
    }
  }
]
