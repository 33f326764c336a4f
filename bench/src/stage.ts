/** What a row is played on: the client, Mooring and the bare pass-through, each a process of its own. */
import type { Answer, Load } from './client/main.ts'
import type { Target } from './client/wire.ts'
import type { Databases } from './database.ts'
import type { Cores } from './machine.ts'
import { type Authentication, startMooring } from './mooring.ts'
import { nextMessage, startNode, type Started } from './process.ts'

export interface Server {
  pid: number
  target: (path: string) => Target
}

export interface Stage {
  mooring: Server
  passThrough: Server
  direct: (path: string) => Target
  /** Runs a load to its end. `withinMs`: how long it may take at most. */
  load: (load: Load, withinMs: number) => Promise<Record<string, number>>
  stop: () => Promise<void>
}

export interface StageOptions {
  cores: Cores
  databases: Databases
  /** For the servers' node, such as `--cpu-prof`. */
  nodeArgs: string[]
}

export async function openStage(
  authentication: Authentication,
  { cores, nodeArgs, databases }: StageOptions,
): Promise<Stage> {
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of stops.reverse()) await end()
  }
  const program = async (core: number | null, args: string[]): Promise<{ started: Started; port: number }> => {
    const started = startNode(args, { core, channel: true })
    stops.push(started.stop)
    const { port } = await nextMessage<{ port: number }>(started, 30_000)
    return { started, port }
  }
  try {
    const client = await program(cores.client, ['bench/src/client/main.ts'])
    const upstream = `http://127.0.0.1:${client.port}`
    const passThrough = await program(cores.server, [...nodeArgs, 'bench/src/pass_through.ts', upstream])
    const mooring = await startMooring(authentication, {
      core: cores.server,
      upstreamPort: client.port,
      nodeArgs,
      environment: await databases.environment(),
    })
    stops.push(mooring.stop)
    // The same request goes everywhere; only the start of its path differs.
    const { headers } = mooring.target('')
    const at =
      (port: number) =>
      (path: string): Target => ({ port, path, headers })
    return {
      mooring: { pid: mooring.started.pid, target: mooring.target },
      passThrough: { pid: passThrough.started.pid, target: at(passThrough.port) },
      direct: at(client.port),
      stop,
      async load(load, withinMs) {
        const answered = nextMessage<Answer>(client.started, withinMs)
        client.started.child.send(load)
        const answer = await answered
        if ('error' in answer) throw new Error(answer.error)
        return answer.figures
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
