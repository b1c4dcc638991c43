// A virtual network with a subnet the app calls out from and one for private endpoints.

import { networkOptions } from '../types.bicep'

@description('Required. Name of the virtual network.')
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Addresses.')
param network networkOptions

// The default rules let the network in and everybody else not.
resource rules 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: 'nsg-${name}'
  location: location
  tags: tags
  properties: {
    securityRules: []
  }
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [network.addressPrefix]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: network.appSubnetPrefix
          networkSecurityGroup: {
            id: rules.id
          }
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: network.endpointSubnetPrefix
          networkSecurityGroup: {
            id: rules.id
          }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

@description('Resource id of the virtual network.')
output id string = virtualNetwork.id

@description('Resource id of the subnet the app calls out from.')
output appSubnetId string = virtualNetwork::appSubnet.id

@description('Resource id of the subnet for private endpoints.')
output endpointSubnetId string = virtualNetwork::endpointSubnet.id
