// The storage account closed, the app open; otherwise the defaults.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param budgetStartDate = '2026-01-01'
param network = {
  mode: 'privateStorage'
  addressPrefix: '10.20.0.0/24'
  appSubnetPrefix: '10.20.0.0/26'
  endpointSubnetPrefix: '10.20.0.64/26'
}
