// Mail when the month's bill of this resource group passes 80 %, or is forecast to pass 100 %.

@description('Required. Start of the budget\'s name.')
param prefix string

@description('Required. Limit a month, in the currency of the bill.')
param amount int

@description('Required. Name of the action group.')
param actionGroupName string

@description('Required. First day of a month, the current or a later one.')
param startDate string

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: actionGroupName
}

// Azure does not let a budget's first month be changed, so a budget that is there stays as it is; one with another
// amount is another budget.
@onlyIfNotExists()
resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: '${prefix}-${amount}'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
    notifications: {
      actual: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: []
        contactGroups: [actionGroup.id]
      }
      forecast: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: []
        contactGroups: [actionGroup.id]
      }
    }
  }
}
