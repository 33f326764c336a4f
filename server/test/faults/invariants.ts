/** What must hold after whatever has happened. Looked for over the API, in the database, in the logs, and at the provider. */
import { setTimeout as delay } from 'node:timers/promises'
import type { GrantTruth } from './truth.ts'
import type { Link, World } from './world.ts'

export const invariants = {
  kept: 'no authorization is lost that the provider still honours',
  once: 'there are never two token requests for one rotation',
  single: 'no one-time refresh token is used again after its answer had come',
  silent: 'no secret is in a log or readable in the database',
  leases: 'every lease ends, and so does every note of a renewal under way',
  causes: 'every change of state has its cause and its event',
  told: 'callers are told what they can act on: never a fault of our own',
  whole: 'the database is sound, and the audit log unbroken',
} as const
export type Invariant = keyof typeof invariants

export interface Violation {
  invariant: Invariant
  what: string
}

const expectedCodes = new Set([
  'unavailable',
  'provider_error',
  'provider_timeout',
  'provider_rate_limited',
  'upstream_unreachable',
  'upstream_timeout',
  'reauthorization_required',
  'connection_not_active',
])

/** Once everything is calm: heals by being called, as in life, then looks. */
export async function check(world: World): Promise<Violation[]> {
  const found: Violation[] = []
  const broken = (invariant: Invariant, what: string): void => void found.push({ invariant, what })
  for (const { status, body } of world.answers) {
    const { code } = body
    if (status >= 400 && status !== 401 && !(typeof code === 'string' && expectedCodes.has(code)))
      broken('told', `a caller was answered ${status} ${JSON.stringify(body)}`)
  }
  for (const link of world.links) if (link.grant !== undefined) await checkLink(world, link, link.grant, broken)
  for (const what of world.provider.violations)
    broken(what.includes('at once') ? 'once' : what.includes('used again') ? 'single' : 'told', what)
  await checkSecrets(world, broken)
  for (const what of await world.database.damage()) broken('whole', what)
  const audit = await world.nodes[0].call('GET', '/v1/audit-log/verify')
  if (audit.body['ok'] !== true) broken('whole', `the audit log: ${audit.text}`)
  return found
}

type Broken = (invariant: Invariant, what: string) => void

async function checkLink(world: World, link: Link, grant: GrantTruth, broken: Broken): Promise<void> {
  const { provider, stored, nodes } = world
  const { name } = link
  // What lies there before anybody touches it again: by then the provider may have been asked in vain.
  const before = await stored.refreshToken(name)
  const honoured = before !== undefined && provider.truth.takes(grant, before)
  const status = await healed(world, link)
  if (status !== 'active') {
    if (grant.revoked && status === 'revoked') return
    if (honoured) broken('kept', `${name} (${grant.habit}) is ${status}, though its stored refresh token was good`)
    else if (!isExcused(grant)) broken('kept', `${name} (${grant.habit}) is ${status}, and every answer had come`)
  } else {
    const after = await stored.refreshToken(name)
    if (after === undefined || !provider.truth.takes(grant, after))
      broken('kept', `${name} (${grant.habit}) is active with a refresh token that the provider does not take`)
    for (const node of nodes) {
      const answer = await node.call('GET', `/v1/proxy/${name}/me`)
      if (answer.status !== 200) broken('kept', `${name} is active, and a call through ${node.name}: ${answer.text}`)
    }
  }
  const record = await stored.authorization(name)
  if (record === undefined || record.leaseOwner !== null || record.leaseUntil !== null || record.inFlight !== null)
    broken('leases', `${name}: ${JSON.stringify({ ...record, credential: null })}`)
  await checkCauses(world, link, broken)
}

/** Its status once it has been renewed, or can be no more. Tried for longer than any lease lasts. */
async function healed({ nodes }: World, { name }: Link): Promise<string> {
  const until = performance.now() + 60_000
  let last = ''
  for (let turn = 0; performance.now() < until; turn++) {
    const answer = await (turn % 2 === 0 ? nodes[0] : nodes[1]).call('POST', `/v1/connections/${name}/refresh`)
    if (answer.status === 200 || answer.body['code'] === 'reauthorization_required') {
      const shown = await nodes[0].call('GET', `/v1/connections/${name}`)
      return String(shown.body['status'])
    }
    if (answer.body['code'] === 'connection_not_active') return 'revoked'
    last = `${answer.status} ${answer.text}`
    await delay(100)
  }
  return `without a new token: ${last}`
}

/** Only what nobody could have known loses a grant: a rotation whose answer did not arrive, or was lost with its reader. */
function isExcused({ habit, askings }: GrantTruth): boolean {
  return (habit === 'strict' || habit === 'detects') && askings.some((one) => one.processed && one.answer === 'unclear')
}

const changes: Record<string, string> = {
  'connection.authorized': 'active',
  'connection.reauthorization_required': 'reauthorization_required',
  'connection.revoked': 'revoked',
}

async function checkCauses({ stored, nodes }: World, { name }: Link, broken: Broken): Promise<void> {
  const { store, workspaceId } = stored.installation
  const connection = await store.connections.find(workspaceId, name)
  if (connection === undefined) return
  const { items } = await store.events.ofConnection(connection.id, { limit: 100 })
  const told = items.filter(({ type }) => type !== 'connection.invoked' && type !== 'connection.created')
  for (const { type, cause } of told)
    if (cause === null || cause === '') broken('causes', `${name}: ${type} has no cause`)
  const last = told.find(({ type }) => changes[type] !== undefined)
  if (last !== undefined && changes[last.type] !== connection.status)
    broken('causes', `${name} is ${connection.status}, and the last that was told is ${last.type}`)
  const record = await store.authorizations.find(connection.id, '')
  const renewed = told.some(({ type, at }) => type === 'connection.refreshed' && at === record?.lastRefreshedAt)
  if (record !== undefined && record.lastRefreshedAt !== null && !renewed)
    broken('causes', `${name} was renewed at ${record.lastRefreshedAt}, which no event tells`)
  const shown = await nodes[1].call('GET', `/v1/connections/${name}`)
  if (record?.status === 'reauthorization_required' && shown.body['lastError'] === null)
    broken('causes', `${name} must be authorized again, and nothing says why`)
}

async function checkSecrets({ provider, all, database }: World, broken: Broken): Promise<void> {
  const { needle } = provider.truth
  const forms = [needle, Buffer.from(needle).toString('hex'), Array.from(needle).toReversed().join('')]
  const inBase64 = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + needle)
      .toString('base64')
      .slice(offset === 0 ? 0 : offset + 1, -4),
  )
  for (const node of all()) {
    const said = node.said()
    if ([...forms, ...inBase64].some((form) => said.includes(form)))
      broken('silent', `a secret is in the log of ${node.name}`)
    if (/"msg":"a promise was left unhandled"/.test(said)) broken('told', `${node.name} left a promise unhandled`)
  }
  const bytes = await database.bytes()
  if (forms.some((form) => bytes.includes(form))) broken('silent', 'a secret is readable in the database')
}
