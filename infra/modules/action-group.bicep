// Who an alert reaches.

import { roles } from 'roles.bicep'

@description('Required. Name of the action group.')
param name string

@description('Required. Tags.')
param tags { *: string }

@description('Required. Addresses; with none, the owners of the subscription are written to.')
param emails string[]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  // Action groups are nowhere in particular.
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'drivecast'
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
    armRoleReceivers: empty(emails)
      ? [
          {
            name: 'owners'
            // The bare GUID is what Azure wants here.
            #disable-next-line use-resource-id-functions
            roleId: roles.owner
            useCommonAlertSchema: true
          }
        ]
      : []
  }
}
