/** One service: what its file changes, and what its stage still allows (R-234, R-237 … R-239). */
import type { Client, RouteBodyInput, Routes, Service } from '@mooring/sdk'
import { at, type Checked, secretPaths } from './check.ts'
import { type Change, changesBetween, isFields, isSet, normalService, type Types, without } from './normal.ts'
import type { Held, PlanOptions, Step } from './plan.ts'
import type { Fields, Wrong } from './read.ts'
import { counted } from './words.ts'

type ServiceBody = RouteBodyInput<Routes['createService']>

export async function planService(
  checked: Checked,
  { services, types }: Held,
  client: Client,
  { replaceSecrets }: Pick<PlanOptions, 'replaceSecrets'>,
): Promise<{ step: Step; wrong: Wrong[] }> {
  const { entry, value } = checked
  const { linkName } = entry
  const held = services.get(linkName)
  const wrong: Wrong[] = []
  const tell = (path: string, message: string): void => void wrong.push({ where: entry.at(path), path, message })
  const after = normalService(value, types)
  const before = normalService(held === undefined ? {} : { ...held }, types)
  const changes = changesBetween(before, after, normalService(entry.value, types))
  const typeChanges = held?.auth?.type !== undefined && held.auth.type !== after['auth.type']

  const secrets = secretPaths(entry, types).flatMap((path) => {
    const has = !typeChanges && isSet(at({ auth: held?.auth }, path))
    if (isSet(at(entry.value, path))) {
      if (!has) tell(path, 'The server has no such secret: write a reference to it, such as ${env:NAME}.')
      return []
    }
    if (has && !replaceSecrets) return []
    return [{ path, unset: checked.unset.filter((unset) => unset.path === path || unset.path.startsWith(`${path}.`)) }]
  })
  if (held !== undefined) for (const { path, message } of frozen(held, changes)) tell(path, message)
  wrong.push(...(await refusals(checked, held, client)))

  const action = held === undefined ? 'create' : changes.length > 0 || secrets.length > 0 ? 'update' : 'keep'
  const run = async (target: Client): Promise<void> => {
    if (held === undefined) {
      await target.services.create(bodyOf({ ...withoutKept(value, types), linkName }))
      return
    }
    if (changes.length > 0) await target.services.update(linkName, patchOf(value, held, changes, types, secrets))
    const left = held.stage === 'ready' ? secrets : []
    if (left.length > 0) {
      const written = left.map(({ path }): [string, string] => [path.slice('auth.'.length), String(at(value, path))])
      await target.services.replaceSecrets(linkName, Object.fromEntries(written))
    }
  }
  const effects = held === undefined ? [] : effectsOf(held, changes, secrets.length > 0)
  return {
    step: { action, kind: 'service', linkName, changes, effects, reauthorize: false, secrets, entry, run },
    wrong,
  }
}

/** The rules of a ready service, told before anything is tried. */
function frozen(held: Service, changes: Change[]): { path: string; message: string }[] {
  if (held.stage === 'draft') return []
  const { connectionCount: count, linkName } = held
  const then = count === 0 ? '' : ` ${counted(count, 'connection')} of it would then need to be authorized again.`
  const clone = `Clone it (mooring services clone ${linkName}), or give the file another link name.${then}`
  return changes.flatMap(({ path, before, after }) => {
    if (path === 'stage') return [{ path, message: 'Frozen: a ready service does not go back to draft.' }]
    if (path.startsWith('auth.') || path === 'scopeDelimiter')
      return [{ path, message: `Frozen: the service is ready. ${clone}` }]
    if (path !== 'scopes' || count === 0) return []
    const lost = scopesIn(before).filter(
      ([name, value]) => !scopesIn(after).some(([n, v]) => v === value && n === name),
    )
    if (lost.length === 0) return []
    const values = lost.map(([, value]) => value).join(', ')
    return [
      {
        path,
        message: `Frozen: it has connections, so scopes can only be added, and this changes ${values}. ${clone}`,
      },
    ]
  })
}

function scopesIn(list: unknown): [name: string, value: string][] {
  return (Array.isArray(list) ? list : []).flatMap((scope: unknown) =>
    isFields(scope) ? [[String(scope['name']), String(scope['value'])] as [string, string]] : [],
  )
}

/** What the server would refuse, asked of it beforehand: the file as it would be, judged as ready or as a draft. */
async function refusals({ entry, value, unset }: Checked, held: Service | undefined, client: Client): Promise<Wrong[]> {
  const { stage } = value
  const definition = without(value, 'kind', 'version', 'stage', ...(held === undefined ? [] : ['linkName']))
  for (const { path } of unset) {
    const [, name = ''] = path.split('.')
    if (isFields(definition['auth'])) definition['auth'] = { ...definition['auth'], [name]: undefined }
  }
  const { errors } = await client.services.preview({
    ...(held === undefined ? {} : { service: held.linkName }),
    definition,
  })
  const open = (path: string): boolean => unset.some((each) => each.path === path || each.path.startsWith(`${path}.`))
  return errors
    .filter(({ path, code }) => code !== 'required' || (stage === 'ready' && !open(path)))
    .map(({ path, message }) => ({ where: entry.at(path), path, message }))
}

function bodyOf(value: Fields): ServiceBody {
  const body = without(value, 'kind', 'version')
  return { ...body, name: String(body['name']) }
}

/** `{"set": true}` means what the server has; a new service has nothing. */
function withoutKept(value: Fields, types: Types): Fields {
  const { auth } = value
  if (!isFields(auth)) return value
  const secrets = types.get(String(auth['type']))?.secrets ?? []
  const given = Object.entries(auth).filter(([name, each]) => !(secrets.includes(name) && isSet(each)))
  return { ...value, auth: Object.fromEntries(given) }
}

/** Only what changes; a field that the file leaves out goes back to how a new service has it. */
function patchOf(
  value: Fields,
  held: Service,
  changes: Change[],
  types: Types,
  secrets: Step['secrets'],
): Parameters<Client['services']['update']>[1] {
  const empty: Fields = { description: '', scopes: [], scopeDelimiter: 'comma', hosts: [], anyHost: false }
  const cleared: Fields = { baseUrl: null, probe: null, headers: {}, placeholders: [], stage: 'draft' }
  const names = new Set(changes.map(({ path }) => path.split('.')[0] ?? ''))
  if (held.stage === 'draft' && secrets.length > 0) names.add('auth')
  const patch: Fields = {}
  for (const name of names) {
    if (name === 'auth') patch['auth'] = authPatch(value, held, types, secrets)
    else patch[name] = value[name] ?? empty[name] ?? cleared[name] ?? null
  }
  // Another type drops the scopes of the one before.
  if (names.has('auth') && held.auth?.type !== at(value, 'auth.type')) patch['scopes'] = value['scopes'] ?? []
  if (patch['auth'] === undefined) delete patch['auth']
  return patch
}

function authPatch(value: Fields, held: Service, types: Types, secrets: Step['secrets']): Fields | undefined {
  const { auth } = value
  if (!isFields(auth)) return undefined
  const known = types.get(String(auth['type']))?.secrets ?? []
  const written = new Set(secrets.map(({ path }) => path.slice('auth.'.length)))
  const given = Object.entries(auth).filter(([name]) => !known.includes(name) || written.has(name))
  const before = held.auth !== null && held.auth.type === auth['type'] ? Object.keys(held.auth) : []
  const removed = before.filter((name) => !(name in auth) && !known.includes(name)).map((name) => [name, null] as const)
  return Object.fromEntries([...removed, ...given])
}

function effectsOf({ connectionCount: count, stage }: Service, changes: Change[], secrets: boolean): string[] {
  const effects: string[] = []
  const paths = new Set(changes.map(({ path }) => path))
  if (paths.has('stage')) effects.push('It becomes ready, for good: its authentication cannot be changed any more.')
  if (count === 0 || stage === 'draft') return effects
  const users = counted(count, 'connection')
  if (['baseUrl', 'hosts', 'anyHost', 'headers'].some((path) => paths.has(path)))
    effects.push(`${users} of it will call by the new settings from now on.`)
  if (paths.has('scopes')) effects.push(`${users} of it stay as they are until they ask for the new scopes.`)
  if (secrets) effects.push(`${users} of it use the new secret from their next renewal.`)
  return effects
}
