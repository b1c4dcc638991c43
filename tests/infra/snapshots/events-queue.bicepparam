// Event Grid puts events into a queue of an account that is closed.
using '../../../infra/eventgrid.bicep'

param appName = 'func-drivecast-test-aaaaaa'
param accountName = 'stdrivecastaaaaaaaaaaaaa'
param eventsIdentityName = 'id-drivecast-test-events'
param workspaceName = 'log-drivecast-test'
param actionGroupName = 'ag-drivecast-test'
param delivery = 'queue'
param storageNetwork = 'private'
