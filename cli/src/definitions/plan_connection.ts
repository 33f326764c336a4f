/** One connection: what its file changes, and what that means for whoever has authorized it. */
import type { Client, Connection, RouteBodyInput, Routes } from '@mooring/sdk'
import type { Checked } from './check.ts'
import { changesBetween, isFields, normalConnection, normalService, without } from './normal.ts'
import type { Held, Step } from './plan.ts'
import type { Fields, Wrong } from './read.ts'

type ConnectionBody = RouteBodyInput<Routes['createConnection']>

interface Files {
  /** Services by link name, as their files have them. */
  named: ReadonlyMap<string, Fields>
  /** Link names whose file is wrong, so that nothing is known of them. */
  unknown: ReadonlySet<string>
}

export function planConnection(
  { entry, value, unset }: Checked,
  held: Held,
  { named, unknown }: Files,
): { step: Step; wrong: Wrong[] } {
  const { linkName } = entry
  const before = held.connections.get(linkName)
  const wrong: Wrong[] = []
  const tell = (path: string, message: string): void => void wrong.push({ where: entry.at(path), path, message })
  const service = String(value['service'])
  const its = named.get(service) ?? held.services.get(service)
  if (its !== undefined) fits(value, normalService({ ...its }, held.types), tell)
  else if (!unknown.has(service)) tell('service', `There is no service ${service}, neither here nor on the server.`)

  const after = normalConnection(value)
  const old = normalConnection(before === undefined ? {} : { ...before })
  if (!('scopes' in after)) delete old['scopes']
  const changes = changesBetween(old, after, normalConnection(entry.value))
  if (before !== undefined) {
    for (const { path } of changes) {
      if (path === 'service' || path === 'authorizationLevel')
        tell(
          path,
          'Frozen: this never changes of a connection. Give the file another link name, or delete the connection first.',
        )
    }
  }
  const { credentials } = value
  const authorizes = isFields(credentials) && (before === undefined || before.status === 'created')
  const secrets = authorizes
    ? Object.keys(credentials).map((name) => {
        const path = `credentials.${name}`
        return { path, unset: unset.filter((each) => each.path.startsWith(path)) }
      })
    : []
  const reauthorize =
    before !== undefined &&
    ['active', 'reauthorization_required'].includes(before.status) &&
    changes.some(({ path }) => path === 'scopes')
  const run = async (target: Client): Promise<void> => {
    if (before === undefined) {
      await target.connections.create(bodyOf(value))
      if (value['enabled'] === false) await target.connections.update(linkName, { enabled: false })
      return
    }
    const patch = Object.fromEntries(changes.map(({ path }) => [path, value[path] ?? after[path]]))
    if (changes.length > 0) await target.connections.update(linkName, patch)
    if (authorizes) await target.connections.authorize(linkName, { credentials })
  }
  return {
    step: {
      action: before === undefined ? 'create' : changes.length > 0 || authorizes ? 'update' : 'keep',
      kind: 'connection',
      linkName,
      changes,
      effects: effectsOf(before, new Set(changes.map(({ path }) => path)), reauthorize, authorizes),
      reauthorize,
      secrets,
      entry,
      run,
    },
    wrong,
  }
}

/** What its service has to be for it. */
function fits(value: Fields, service: Fields, tell: (path: string, message: string) => void): void {
  if (service['stage'] !== 'ready') tell('service', 'The service is a draft, and a draft takes no connections.')
  const offered = new Set(
    (Array.isArray(service['scopes']) ? service['scopes'] : []).map((scope: Fields) => scope['value']),
  )
  const scopes: unknown[] = Array.isArray(value['scopes']) ? value['scopes'] : []
  scopes.forEach((scope, index) => {
    if (!offered.has(scope)) tell(`scopes.${index}`, `The service has no scope ${String(scope)}.`)
  })
  const places = Array.isArray(service['placeholders']) ? service['placeholders'] : []
  const names = places.map((place: Fields) => String(place['name']))
  const parameters = isFields(value['parameters']) ? value['parameters'] : {}
  for (const name of names) if (parameters[name] === undefined) tell('parameters', `Fill in ${name}.`)
  for (const name of Object.keys(parameters))
    if (!names.includes(name)) tell(`parameters.${name}`, `The service has no placeholder {${name}}.`)
}

function effectsOf(
  before: Connection | undefined,
  paths: Set<string>,
  reauthorize: boolean,
  authorizes: boolean,
): string[] {
  if (before === undefined) return authorizes ? [] : ['It waits to be authorized.']
  const effects: string[] = []
  if (reauthorize)
    effects.push('It needs to be authorized again for the new scopes; until then it goes on with the old ones.')
  if (paths.has('parameters')) effects.push('Its URLs change. What was authorized before may not be valid there.')
  if (paths.has('enabled'))
    effects.push(before.enabled ? 'Calls through it will be refused.' : 'Calls through it work again.')
  if (authorizes) effects.push('It is authorized with the credentials of the file.')
  return effects
}

function bodyOf(value: Fields): ConnectionBody {
  const body = without(value, 'kind', 'version', 'enabled')
  return { ...body, name: String(body['name']), service: String(body['service']) }
}
