// Event Grid calls the app; the storage account is open.
using '../../../infra/eventgrid.bicep'

param appName = 'func-drivecast-test-aaaaaa'
param accountName = 'stdrivecastaaaaaaaaaaaaa'
param eventsIdentityName = 'id-drivecast-test-events'
param workspaceName = 'log-drivecast-test'
param actionGroupName = 'ag-drivecast-test'
param tags = {
  application: 'drivecast'
}
