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
      // Each with its reason: docs/security.md.
      excludedPaths: [
        '/api/health'
        // az looks here whether the host is up while it deploys code. It takes the master key.
        '/admin/host/status'
        // Event Grid comes with the host's key, not with a token.
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
