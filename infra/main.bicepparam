// The values of one environment. Copy it for another (infra/prod.bicepparam), or set the variables; azd sets those
// that start with AZURE_. An empty variable is an absent one. A person to give a role to is
// { id: '<object id>', type: 'User' }; who is listed twice is meant once.
using 'main.bicep'

var givenName = trim(readEnvironmentVariable('AZURE_ENV_NAME', ''))
var principalId = trim(readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''))
var principalType = toLower(trim(readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', '')))

param environmentName = empty(givenName) ? 'dev' : givenName
// Empty: the region that --location names.
param location = readEnvironmentVariable('AZURE_LOCATION', '')

param alerts = {
  // Commas or semicolons between them.
  emails: split(readEnvironmentVariable('DRIVECAST_ALERT_EMAILS', ''), [',', ';'])
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}

param people = {
  uploaders: []
  operators: empty(principalId)
    ? []
    : [
        {
          id: principalId
          type: empty(principalType) || principalType == 'user'
            ? 'User'
            : principalType == 'group'
                ? 'Group'
                : principalType == 'serviceprincipal' ? 'ServicePrincipal' : principalType
        }
      ]
  deployers: []
}
