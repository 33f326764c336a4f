/** PostgreSQL servers of our own for tests: their binaries come with `npm ci`, their data lies in a temporary folder. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { freePort } from './free_port.ts'
import type { Order, Report } from './postgres_keeper.ts'

export const superuser = 'mooring'
export const superuserPassword = 'pass:word/of@tests'

export interface ClusterOptions {
  /** Settings of the server, by their names. */
  settings?: Record<string, string>
  /** Files that are put beside its data, readable by the server alone. */
  files?: Record<string, string>
  /** Begins as a standby of this cluster, which has ended. */
  copyOf?: Cluster
}

export interface Cluster {
  port: number
  /** The folder of its data, and of what it logs (`server.log`). */
  data: string
  /** `query`: what comes behind the question mark. */
  url(database: string, query?: string): string
  start(): Promise<void>
  /** `fast` ends transactions and writes all out; `kill` is a crash. */
  stop(how: 'fast' | 'kill'): Promise<void>
  /** Statements, with the rights of the owner of everything. */
  run(statement: string, database?: string): Promise<Record<string, unknown>[]>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

const keeper = fileURLToPath(new URL('postgres_keeper.ts', import.meta.url))

/** A cluster that has started. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await makeCluster(options)
  await cluster.start()
  return cluster
}

/** A cluster that has not started yet. */
export async function makeCluster({ settings = {}, files = {}, copyOf }: ClusterOptions = {}): Promise<Cluster> {
  const port = await freePort()
  // Apart from this process and its terminal, so that it can clean up when either of them goes.
  const child = fork(keeper, { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const order = ordering(child)
  const { data = '' } = await order({
    do: 'make',
    port,
    user: superuser,
    password: superuserPassword,
    settings,
    files,
    ...(copyOf === undefined ? {} : { copyOf: copyOf.data }),
  })
  const url = (database: string, query = ''): string =>
    `postgres://${superuser}:${encodeURIComponent(superuserPassword)}@127.0.0.1:${port}/${database}${query && `?${query}`}`
  return {
    port,
    data,
    url,
    start: async () => void (await order({ do: 'start' })),
    stop: async (how) => void (await order({ do: 'stop', how })),
    async run(statement, database = 'postgres') {
      const client = new Client({ connectionString: url(database) })
      await client.connect()
      try {
        return (await client.query<Record<string, unknown>>(statement)).rows
      } finally {
        await client.end()
      }
    },
    async remove() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** Orders to the keeper, one after the other. */
function ordering(child: ChildProcess): (order: Order) => Promise<Report> {
  let turn: Promise<unknown> = Promise.resolve()
  const carryOut = async (order: Order): Promise<Report> => {
    const answered: Promise<unknown[]> = once(child, 'message')
    child.send(order)
    const [report] = (await answered) as [Report]
    if (report.failed !== undefined) throw new Error(report.failed)
    return report
  }
  return (order) => {
    const next = turn.then(() => carryOut(order))
    turn = next.catch(() => undefined)
    return next
  }
}
