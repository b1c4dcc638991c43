// What people type, made uniform where it enters: no blanks around it, one spelling, each once. And what cannot work,
// found before anything is made.

import { authenticationOptions, peopleOptions, principal } from '../types.bicep'

var letters = 'abcdefghijklmnopqrstuvwxyz'
var digits = '0123456789'

// Azure takes 800 resources in a template. Its documents do not say whether those of modules count with it, so they are
// counted; 100 are left to all that is not a person's role.
// https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
var mostAssignments = 700

@export()
@description('A word in its one spelling.')
func folded(text string) string => toLower(trim(text))

@export()
@description('A region in its one spelling: West Europe is westeurope.')
func region(text string) string => toLower(replace(text, ' ', ''))

@export()
@description('Words in their one spelling, each once, without empty ones.')
func distinctWords(texts string[]) string[] => union(filter(map(texts, text => folded(text)), text => !empty(text)), [])

@export()
@description('People with their ids in one spelling, each once, without those that have none.')
func distinctPeople(people principal[]) principal[] =>
  map(distinctWords(map(people, person => person.id)), id => {
    id: id
    type: first(filter(people, person => folded(person.id) == id))!.type
  })

@description('The characters of a text that are not among others.')
func strangers(text string, known string) string[] =>
  union(
    filter(map(range(0, length(text)), at => substring(text, at, 1)), letter => !contains(known, toLower(letter))),
    []
  )

@description('Whether a word in its one spelling is a GUID, as every id of Entra ID is.')
func isGuid(id string) bool =>
  join(map(split(id, '-'), part => string(length(part))), ' ') == '8 4 4 4 12' && empty(strangers(
    id,
    'abcdef${digits}-'
  ))

@export()
@description('Why an environment cannot be called so; empty where it can.')
func faultsOfName(name string) string[] =>
  length(name) > 1 && empty(strangers(name, '${letters}${digits}-')) && !startsWith(name, '-') && !endsWith(name, '-')
    ? []
    : [
        'environmentName is "${name}"; expected 2 to 20 letters, digits and dashes, a letter or digit at both ends, such as dev'
      ]

@export()
@description('Why a resource group cannot be called so; empty where it can.')
func faultsOfGroup(name string) string[] =>
  empty(strangers(name, '${letters}${digits}-_.()')) && !endsWith(name, '.')
    ? []
    : ['resourceGroupName is "${name}"; expected letters, digits and -_.(), and no full stop at the end']

@export()
@description('Why a region cannot be called so; empty where it can.')
func faultsOfRegion(name string) string[] =>
  empty(strangers(name, '${letters}${digits}'))
    ? []
    : ['location is "${name}"; expected a region of Azure, such as westeurope']

@export()
@description('Which of some addresses are none; they are given cleaned.')
func faultsOfEmails(emails string[]) string[] =>
  map(
    filter(
      emails,
      email => length(split(email, '@')) != 2 || startsWith(email, '@') || endsWith(email, '@') || contains(email, ' ')
    ),
    email => 'alerts.emails has "${email}"; expected an address, such as name@example.com'
  )

@export()
@description('Which of some people cannot be meant: no object id, or one id as two kinds.')
func faultsOfPeople(people principal[]) string[] =>
  concat(
    map(
      filter(distinctPeople(people), person => !isGuid(person.id)),
      person =>
        'people has the id "${person.id}"; expected an object id of Entra ID (az ad user show --id NAME --query id)'
    ),
    map(
      filter(
        distinctPeople(people),
        person => length(union(map(filter(people, other => folded(other.id) == person.id), other => other.type), [])) > 1
      ),
      person => 'people has ${person.id} as two types; expected User, Group or ServicePrincipal, the same in every list'
    )
  )

@description('How many people are in a list, each once.')
func number(people principal[]) int => length(distinctPeople(people))

@description('How many roles people have, by what access-people.bicep gives those of each list.')
func assignmentsOf(all principal[], operators principal[], deployers principal[]) int =>
  2 * number(all) + 7 * number(operators) + number(concat(operators, deployers)) + number(deployers)

@description('Why so many role assignments cannot be; empty where they can.')
func faultsOfAssignments(count int) string[] =>
  count <= mostAssignments
    ? []
    : [
        'people come to ${count} role assignments; expected at most ${mostAssignments}: name a group of Entra ID in their stead (type: Group)'
      ]

@export()
@description('Whether people are more than Azure takes in a deployment.')
func faultsOfNumber(people peopleOptions) string[] =>
  faultsOfAssignments(assignmentsOf(
    concat(people.uploaders, people.operators, people.deployers),
    people.operators,
    people.deployers
  ))

@export()
@description('Which ids of applications are none.')
func faultsOfClients(given authenticationOptions) string[] =>
  map(
    filter(distinctWords(concat([given.clientId], given.allowedApplications)), id => !isGuid(id)),
    id =>
      'authentication has the id "${id}"; expected the client id of an application (az ad app list --query [].appId)'
  )

@description('What follows the scheme of an origin; empty where there is none that a browser names so.')
func hostOf(origin string) string =>
  startsWith(origin, 'https://') ? substring(origin, 8) : startsWith(origin, 'http://') ? substring(origin, 7) : ''

@export()
@description('Which of some origins are none; they are given cleaned. Every origin at once (*) is none either.')
func faultsOfOrigins(origins string[]) string[] =>
  map(
    filter(origins, origin => empty(hostOf(origin)) || !empty(strangers(hostOf(origin), '${letters}${digits}-.:[]'))),
    origin =>
      'corsOrigins has "${origin}"; expected scheme, host and port and no path, such as https://dashboard.example.com'
  )

@export()
@description('Authentication with its ids in one spelling.')
func cleanAuthentication(given authenticationOptions) authenticationOptions => {
  clientId: folded(given.clientId)
  allowedApplications: distinctWords(given.allowedApplications)
}
