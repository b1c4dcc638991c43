// The types of main.bicep's parameters.

@export()
@sealed()
@description('How many instances of what size, and what happens to them when the app is updated.')
type scaleOptions = {
  @description('Memory of an instance in MB: 512 has a quarter of a core, 2048 one, 4096 two.')
  instanceMemoryMB: 512 | 2048 | 4096

  @description('Instances at most of each function group (HTTP is one, every other function its own), so more than this may run in all. Some regions refuse less than 40.')
  @minValue(1)
  @maxValue(1000)
  maximumInstanceCount: int

  @description('Instances for HTTP that are paid for and kept warm; 0 for none. Takes away the cold start.')
  @minValue(0)
  @maxValue(1000)
  alwaysReadyHttp: int

  @description('HTTP requests an instance takes at a time before another is started.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int

  @description('Recreate ends running invocations, RollingUpdate (a preview) drains them.')
  updateStrategy: 'Recreate' | 'RollingUpdate'
}

@export()
@sealed()
@description('Days after which blobs and logs go.')
type retentionOptions = {
  @description('What a run assembled in the container runs. Published outputs are copies.')
  @minValue(1)
  runsDays: int

  @description('Snapshots in the container history. The look-up goes back 35 days.')
  @minValue(36)
  historyDays: int

  @description('Published outputs in the container predictions; 0 keeps them.')
  @minValue(0)
  predictionsDays: int

  @description('Events that could not be delivered.')
  @minValue(1)
  deadLetterDays: int

  @description('Overwritten versions of a blob; those of models are kept for a year.')
  @minValue(1)
  versionsDays: int

  @description('Deleted blobs and containers that can be restored.')
  @minValue(1)
  @maxValue(365)
  softDeleteDays: int

  @description('Logs and traces.')
  @minValue(30)
  @maxValue(730)
  logsDays: int
}

@export()
@sealed()
@description('When somebody is told, and who.')
type alertOptions = {
  @description('Addresses that get every alert, each once however it is spelled; with none, the owners of the subscription do.')
  emails: string[]

  @description('p95 of POST predict in milliseconds above which an alert is raised.')
  @minValue(1)
  latencyMs: int

  @description('Failed invocations in a quarter of an hour above which an alert is raised.')
  @minValue(0)
  failures: int

  @description('Whether a day without a scored file is worth an alert.')
  dailyFile: bool

  @description('Cost of the resource group a month at which mail is sent, in the currency of the bill; 0 for no budget.')
  @minValue(0)
  monthlyBudget: int
}

@export()
@description('public: reached from anywhere with a role. privateStorage: storage inside the network only. private: the app as well.')
type networkMode = 'public' | 'privateStorage' | 'private'

@export()
@sealed()
@description('Who can reach storage and app over the network.')
type networkOptions = {
  @description('How much is private.')
  mode: networkMode

  @description('Addresses of the virtual network.')
  addressPrefix: string

  @description('Addresses of the subnet the app calls out from; /27 or larger.')
  appSubnetPrefix: string

  @description('Addresses of the subnet with the private endpoints.')
  endpointSubnetPrefix: string
}

@export()
@sealed()
@description('Entra ID in front of the HTTP functions. The function key is asked for as well.')
type authenticationOptions = {
  @description('Application (client) id of the app registration that stands for this API; empty for no authentication.')
  clientId: string

  @description('Client ids of the applications that may call; with none, every application of the tenant that gets a token.')
  allowedApplications: string[]
}

@export()
@sealed()
@description('Somebody who gets a role.')
type principal = {
  @description('Object id in Entra ID; empty for nobody.')
  id: string

  @description('What the object is.')
  type: 'User' | 'Group' | 'ServicePrincipal'
}

@export()
@sealed()
@description('Who else may do something; the app and Event Grid get their own roles.')
type peopleOptions = {
  @description('Drop telemetry and read predictions.')
  uploaders: principal[]

  @description('Also read runs, history and dead letters, publish models, replay files that were given up, query the logs, see what is deployed.')
  operators: principal[]

  @description('Deploy the code, not the infrastructure, and try it: upload a file, read its scores, see what is deployed.')
  deployers: principal[]
}
