// What people type, made uniform where it enters: no blanks around it, one spelling, each once. And what cannot work,
// found before anything is made.

import { authenticationOptions, principal } from '../types.bicep'

var letters = 'abcdefghijklmnopqrstuvwxyz'
var digits = '0123456789'
var objectIdLength = 36

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
      filter(
        distinctPeople(people),
        person => length(person.id) != objectIdLength || length(split(person.id, '-')) != 5
      ),
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

@export()
@description('Authentication with its ids in one spelling.')
func cleanAuthentication(given authenticationOptions) authenticationOptions => {
  clientId: folded(given.clientId)
  allowedApplications: distinctWords(given.allowedApplications)
}
