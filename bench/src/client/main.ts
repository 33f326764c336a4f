/** The process at both ends of a call: it sends the requests and is the API that answers them. Ends with its parent. */
import { type ClosedLoop, closedLoop, type Drain, drain, type OpenLoop, openLoop } from './load.ts'
import { listenUpstream } from './upstream.ts'

export type Load = ClosedLoop | OpenLoop | Drain
export type Answer = { figures: Record<string, number> } | { error: string }

process.on('disconnect', () => process.exit(0))
process.on('message', (load: Load) => {
  run(load).then(
    (figures) => answer({ figures }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  )
})
process.send?.({ port: await listenUpstream() })

function run(load: Load): Promise<Record<string, number>> {
  if (load.kind === 'closed') return closedLoop(load)
  return load.kind === 'open' ? openLoop(load) : drain(load)
}

function answer(message: Answer): void {
  process.send?.(message)
}
