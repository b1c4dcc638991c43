// A private endpoint of one service of one resource, and the DNS zone that makes its name lead there.

@description('Required. Name of the endpoint.')
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Resource id of what is reached.')
param targetId string

@description('Required. The service of it: blob, queue, table, sites or vault.')
param service string

@description('Required. Name of the DNS zone, such as privatelink.blob. and the storage suffix of this Azure cloud.')
param zoneName string

@description('Required. Resource id of the virtual network.')
param virtualNetworkId string

@description('Required. Resource id of the subnet.')
param subnetId string

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: zoneName
  // A zone is nowhere in particular.
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: zone
  name: 'drivecast'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: virtualNetworkId
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: targetId
          groupIds: [service]
        }
      }
    ]
  }

  resource zones 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: zone.id
          }
        }
      ]
    }
  }
}
