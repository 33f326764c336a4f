/** What a set of files would change on a server, and what of it the server's stages and freezes do not allow. */
import type { Client, Connection, Service } from '@mooring/sdk'
import { check, type Checked } from './check.ts'
import { planConnection } from './plan_connection.ts'
import { planService } from './plan_service.ts'
import { type Change, type Types, typesFrom } from './normal.ts'
import type { Entry, Wrong } from './read.ts'
import type { Unset } from './references.ts'

export interface Step {
  action: 'create' | 'update' | 'keep' | 'delete'
  kind: Entry['kind']
  linkName: string
  changes: Change[]
  /** What it means for those who use it, in sentences. */
  effects: string[]
  /** True where somebody has to authorize anew. */
  reauthorize: boolean
  /** Secrets it writes, by path, and how each is called where its value is not known here. */
  secrets: { path: string; unset: Unset[] }[]
  entry?: Entry
  run: (client: Client) => Promise<void>
}

export interface Plan {
  /** In the order in which they are done. */
  steps: Step[]
  wrong: Wrong[]
}

/** What a server holds, by link name. */
export interface Held {
  types: Types
  services: ReadonlyMap<string, Service>
  connections: ReadonlyMap<string, Connection>
}

export interface PlanOptions {
  env: NodeJS.ProcessEnv
  /** Of each entry: what a person answered, by path and name. */
  answers: ReadonlyMap<Entry, ReadonlyMap<string, string>>
  /** Deletes what no file names. */
  prune: boolean
  /** Writes secrets that the server has already. */
  replaceSecrets: boolean
}

const none: ReadonlyMap<string, string> = new Map()

export async function readHeld(client: Client): Promise<Held> {
  const [types, services, connections] = await Promise.all([
    client.authTypes(),
    byLinkName(client.services.all()),
    byLinkName(client.connections.all()),
  ])
  return { types: typesFrom(types.items), services, connections }
}

async function byLinkName<T extends { linkName: string }>(all: AsyncIterable<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>()
  for await (const each of all) found.set(each.linkName, each)
  return found
}

export async function makePlan(entries: Entry[], held: Held, client: Client, options: PlanOptions): Promise<Plan> {
  const wrong: Wrong[] = []
  const checked = entries.map((entry) => {
    const result = check(entry, held.types, options.env, options.answers.get(entry) ?? none)
    wrong.push(...result.wrong)
    return { ...result.checked, sound: result.wrong.length === 0 }
  })
  const sound = checked.filter((each) => each.sound)
  const ofKind = (kind: Entry['kind']): Checked[] => sound.filter(({ entry }) => entry.kind === kind)

  const steps: Step[] = []
  for (const each of ofKind('service')) {
    const planned = await planService(each, held, client, options)
    wrong.push(...planned.wrong)
    steps.push(planned.step)
  }
  const named = new Map(ofKind('service').map(({ entry, value }) => [entry.linkName, value]))
  // A service whose file is wrong is told by its own name, not by those that want it.
  const unknown = new Set(checked.filter((each) => !each.sound).map(({ entry }) => entry.linkName))
  for (const each of ofKind('connection')) {
    const planned = planConnection(each, held, { named, unknown })
    wrong.push(...planned.wrong)
    steps.push(planned.step)
  }
  if (options.prune) steps.push(...pruned(entries, held, wrong))
  return { steps, wrong }
}

/** Connections go first: a service goes only without them. */
function pruned(entries: Entry[], held: Held, wrong: Wrong[]): Step[] {
  const kept = new Set(entries.map(({ kind, linkName }) => `${kind} ${linkName}`))
  const gone = (kind: Entry['kind'], linkName: string): boolean => !kept.has(`${kind} ${linkName}`)
  const step = (kind: Entry['kind'], linkName: string, effects: string[], run: Step['run']): Step => ({
    action: 'delete',
    kind,
    linkName,
    changes: [],
    effects,
    reauthorize: false,
    secrets: [],
    run,
  })
  const connections = [...held.connections.values()].filter(({ linkName }) => gone('connection', linkName))
  const services = [...held.services.values()].filter(({ linkName }) => gone('service', linkName))
  for (const { linkName } of services) {
    for (const entry of entries) {
      if (entry.kind !== 'connection' || entry.value['service'] !== linkName) continue
      const message = `${linkName} is in no file, and --prune would delete it. Add its file, or leave --prune out.`
      wrong.push({ where: entry.at('service'), path: 'service', message })
    }
  }
  return [
    ...connections.map(({ linkName }) =>
      step('connection', linkName, ['It is revoked at its provider; calls through it end.'], (client) =>
        client.connections.delete(linkName),
      ),
    ),
    ...services.map(({ linkName }) => step('service', linkName, [], (client) => client.services.delete(linkName))),
  ]
}
