// Entra ID in front of the HTTP functions: a token of this tenant for this API, or 401. No client secret: nobody
// is sent to a sign-in page.

import { authenticationOptions } from '../types.bicep'

@description('Required. Name of the function app.')
param appName string

@description('Required. The app registration, and who may call.')
param authentication authenticationOptions

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Who comes here brings a key of the host and no token; only health and, of the host, whether it answers are
      // open to all. Each with its reason: docs/security.md.
      excludedPaths: [
        '/api/health'
        // A deployment waits for the host here (az), and its smoke test asks these two.
        '/admin/host/status'
        '/api/ready'
        '/api/predict'
        // Event Grid.
        '/runtime/webhooks/blobs'
      ]
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: authentication.clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            authentication.clientId
            'api://${authentication.clientId}'
          ]
          defaultAuthorizationPolicy: empty(authentication.allowedApplications)
            ? null
            : {
                allowedApplications: authentication.allowedApplications
              }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}
