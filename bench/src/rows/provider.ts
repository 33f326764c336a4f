/** A Mooring whose connections renew at a provider that counts. */
import { type Authentication, type RunningMooring, startMooring } from '../mooring.ts'
import { nextMessage, startNode } from '../process.ts'
import type { Seen } from '../provider/main.ts'
import type { RowOptions } from '../row.ts'
import { oauth2 } from './authentications.ts'

export interface Renewing {
  mooring: RunningMooring
  /** Of the provider. */
  port: number
  /** What the provider saw since the last question; from now on each token request waits so long. */
  seen(waitMs?: number): Promise<Seen>
  /** Connects with a token that ends at this moment. */
  connect(name: string, expiresAt: number): Promise<void>
  stop(): Promise<void>
}

const authentication = (expiresAt: number): Authentication => ({
  auth: oauth2.auth,
  credentials: credentialsOf('bench', expiresAt),
})

function credentialsOf(name: string, expiresAt: number): Record<string, string> {
  return {
    accessToken: `access.${name}.0`,
    refreshToken: `refresh.${name}.0`,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

const far = Date.UTC(2099, 0)

export async function openRenewing({ cores, nodeArgs, databases }: RowOptions): Promise<Renewing> {
  const provider = startNode(['bench/src/provider/main.ts'], { core: cores.client, channel: true })
  try {
    const { port } = await nextMessage<{ port: number }>(provider, 30_000)
    const mooring = await startMooring(authentication(far), {
      core: cores.server,
      upstreamPort: port,
      nodeArgs,
      environment: await databases.environment(),
    })
    return {
      mooring,
      port,
      seen(waitMs = 0) {
        const answered = nextMessage<Seen>(provider, 30_000)
        provider.child.send({ waitMs })
        return answered
      },
      async connect(link, expiresAt) {
        const credentials = credentialsOf(link, expiresAt)
        const made = { name: link, linkName: link, service: 'upstream', credentials }
        const { status, text } = await mooring.ask('POST', '/v1/connections', made)
        if (status !== 201) throw new Error(`a connection could not be made: ${status} ${text}`)
      },
      async stop() {
        await mooring.stop()
        await provider.stop()
      },
    }
  } catch (error) {
    await provider.stop()
    throw error
  }
}

/** Does this with each, so many at a time. */
export async function eachOf<T>(list: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let one = list[next++]; one !== undefined; one = list[next++]) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
