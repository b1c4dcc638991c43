// The page in Azure Monitor that shows how the app is doing.

@description('Required. Azure region.')
param location string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Name of the workspace its queries ask.')
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'drivecast')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Drivecast'
    description: 'Files scored, forecasts answered, failures, latency and drift.'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspace.id
    serializedData: replace(loadTextContent('../workbook/drivecast.json'), '{workspaceId}', workspace.id)
  }
}
