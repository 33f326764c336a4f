/** Two nodes on one database, a provider that knows the truth, and connections that are to survive what happens to them. */
import { type FaultyDatabase, lookInto, type Stored } from './database.ts'
import { type Answer, createNode, type Node } from './nodes.ts'
import { type Provider, startProvider } from './provider.ts'
import type { GrantTruth, Habit } from './truth.ts'

const ownerKey = `mk_${'faults-owner-key-'.repeat(3)}`

export interface Link {
  name: string
  /** What the provider knows of it; undefined before it was authorized. */
  grant: GrantTruth | undefined
}

/** How a caller comes to need a new token. */
export const callers = ['asks for a new token', 'is refused by the API', 'calls after the end'] as const
export type CallerKind = (typeof callers)[number]

export interface World {
  provider: Provider
  database: FaultyDatabase
  stored: Stored
  nodes: [Node, Node]
  /** A third one that serves with two workers; whoever asks for it stops it. */
  withWorkers(): Promise<Node>
  /** All that have been started. */
  all: () => Node[]
  /** What callers were told since the last scenario. */
  answers: Answer[]
  links: Link[]
  /** An active connection with a grant made elsewhere; `ended`: its access token has. */
  connect(habit: Habit, ended?: boolean): Promise<Link>
  /** A connection that nobody has authorized yet. */
  create(habit: Habit): Promise<Link>
  /** A call that needs a new token. */
  call(link: Link, kind: CallerKind, node: Node): Promise<Answer>
  /** Asks the node, and notes what it tells. */
  ask(node: Node, method: string, path: string, body?: unknown): Promise<Answer>
  /** kill -9, of the node, of the database's way to it, of nothing else. */
  kill(node: Node): Promise<void>
  /** It stands still; whatever it is told meanwhile it may act on much later. */
  freeze(node: Node): void
  begin(fault: Parameters<FaultyDatabase['begin']>[0], only?: Node): Promise<() => Promise<void>>
  /** Ends every fault, and brings up whoever is down. */
  calm(): Promise<void>
  /** Takes leave of a scenario's connections. */
  clear(): Promise<void>
  close(): Promise<void>
}

let worlds = 0

export async function openWorld(database: FaultyDatabase): Promise<World> {
  const provider = await startProvider()
  const prefix = `w${worlds++}`
  const nodes: [Node, Node] = [
    await createNode('first', ownerKey, await database.environment('first')),
    await createNode('second', ownerKey, await database.environment('second')),
  ]
  await nodes[0].start()
  await nodes[1].start()
  for (const habit of ['grace', 'strict', 'detects', 'keeps'] as const) {
    const made = await nodes[0].call('POST', '/v1/services', provider.service(habit))
    if (made.status !== 201) throw new Error(made.text)
  }
  const stored = await lookInto(await database.environment('looking'))
  const answers: Answer[] = []
  const links: Link[] = []
  let workers: Node | undefined
  let ends: (() => Promise<void>)[] = []
  let made = 0

  const ask: World['ask'] = async (node, method, path, body) => {
    const answer = await node.call(method, path, body)
    answers.push(answer)
    return answer
  }
  const insist = async (method: string, path: string, body: unknown, status: number): Promise<Answer> => {
    const answer = await nodes[0].call(method, path, body)
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  /** What was given to somebody who died, or sleeps, before it was stored is as good as never told. */
  const excuseUnstored = async (): Promise<void> => {
    for (const { name, grant } of links) {
      const last = grant?.askings.findLast((one) => one.processed)
      if (last === undefined || last.answer !== 'clear') continue
      if ((await stored.refreshToken(name)) !== last.gave) last.answer = 'unclear'
    }
  }

  return {
    provider,
    database,
    stored,
    nodes,
    all: () => [...nodes, ...(workers === undefined ? [] : [workers])],
    async withWorkers() {
      workers ??= await createNode('workers', ownerKey, {
        ...(await database.environment('workers')),
        MOORING_WORKERS: '2',
      })
      await workers.start()
      return workers
    },
    answers,
    links,
    ask,

    async connect(habit, ended = false) {
      const grant = provider.truth.grant(habit)
      const [accessToken] = grant.accessTokens
      const [refreshToken] = grant.refreshTokens
      const name = `${prefix}_${made++}`
      const expiresAt = new Date(Date.now() + (ended ? -60_000 : 3_600_000)).toISOString()
      const credentials = { accessToken, refreshToken, expiresAt }
      await insist('POST', '/v1/connections', { name, linkName: name, service: habit, credentials }, 201)
      const link = { name, grant }
      links.push(link)
      return link
    },

    async create(habit) {
      const name = `${prefix}_${made++}`
      await insist('POST', '/v1/connections', { name, linkName: name, service: habit }, 201)
      const link = { name, grant: undefined }
      links.push(link)
      return link
    },

    async call(link, kind, node) {
      if (kind === 'asks for a new token') return ask(node, 'POST', `/v1/connections/${link.name}/refresh`)
      if (kind === 'is refused by the API' && link.grant !== undefined) provider.truth.expire(link.grant)
      return ask(node, 'GET', `/v1/proxy/${link.name}/me`)
    },

    async kill(node) {
      await node.kill()
      await excuseUnstored()
    },

    freeze(node) {
      node.freeze()
      for (const { grant } of links) {
        for (const asking of grant?.askings ?? []) {
          if (asking.over) continue
          asking.answer = 'unclear'
          asking.over = true
        }
      }
    },

    async begin(fault, only) {
      const affected = only === undefined ? nodes : [only]
      const running = (): number[] => affected.filter((node) => node.alive()).map((node) => node.pid())
      const end = await database.begin(fault, running, only?.name)
      let ended: Promise<void> | undefined
      const once = (): Promise<void> => (ended ??= end())
      ends.push(once)
      return once
    },

    async calm() {
      for (const end of ends) await end()
      ends = []
      provider.behave()
      for (const node of nodes) node.thaw()
      for (const node of nodes) await node.start()
      await workers?.stop()
    },

    async clear() {
      for (const node of nodes) await node.setClock(0)
      for (const { name } of links) {
        const gone = await nodes[0].call('DELETE', `/v1/connections/${name}`)
        if (gone.status !== 204) throw new Error(`${name} could not be deleted: ${gone.text}`)
      }
      links.length = 0
      answers.length = 0
      provider.violations.length = 0
      provider.newGrants()
    },

    async close() {
      for (const node of nodes) await node.remove()
      await workers?.remove()
      await stored.close()
      await provider.close()
      await database.close()
    },
  }
}
