// Event Grid calls the app, and the storage account is closed, as with privateStorage.
using '../../../infra/eventgrid.bicep'

param appName = 'func-drivecast-test-aaaaaa'
param accountName = 'stdrivecastaaaaaaaaaaaaa'
param eventsIdentityName = 'id-drivecast-test-events'
param workspaceName = 'log-drivecast-test'
param actionGroupName = 'ag-drivecast-test'
param storageNetwork = 'private'
