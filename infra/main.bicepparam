// The values of one environment. Copy it for another (infra/prod.bicepparam), or set the variables; azd sets those
// that start with AZURE_. A person to give a role to is { id: '<object id>', type: 'User' }.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param alerts = {
  emails: filter(split(readEnvironmentVariable('DRIVECAST_ALERT_EMAILS', ''), ','), email => !empty(email))
  latencyMs: 1000
  failures: 0
  dailyFile: true
  monthlyBudget: 50
}

param people = {
  uploaders: []
  operators: empty(readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''))
    ? []
    : [
        {
          id: readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
          type: readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')
        }
      ]
  deployers: []
}
