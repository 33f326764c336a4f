/** What can be done to a connection with one click; each says what came of it. */
import type { Connection } from '@mooring/sdk'
import { client } from '../data/client.ts'
import { changeConnection, connectionChanged } from '../data/connections.ts'
import { queryClient } from '../data/query_client.ts'
import { tell, tellProblem } from '../ui/toast.ts'
import { wordsFor } from '../words/problem.ts'

/** Says what went wrong, in the place of the news. */
async function told(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const { title, detail, hint } = wordsFor(error)
    tellProblem(title, hint === undefined ? detail : `${detail} ${hint}`)
    // Whatever it was, the status may have changed by it.
    await queryClient.invalidateQueries({ queryKey: ['connections'] })
  }
}

export async function testNow({ name, linkName }: Connection): Promise<void> {
  await told(async () => {
    const { ok, detail, hint, latencyMs } = await client.connections.test(linkName)
    if (ok) tell(`${name} works`, `${detail} It took ${latencyMs} ms.`)
    else tellProblem(`${name} was not accepted`, hint === undefined ? detail : `${detail} ${hint}`)
    await queryClient.invalidateQueries({ queryKey: ['connections'] })
  })
}

export async function refreshNow({ name, linkName }: Connection): Promise<void> {
  await told(async () => {
    await connectionChanged(await client.connections.refresh(linkName))
    tell(`${name} has a new token`)
  })
}

export async function setEnabled({ name, linkName }: Connection, enabled: boolean): Promise<void> {
  await told(async () => {
    await changeConnection(linkName, { enabled })
    tell(`${name} is ${enabled ? 'enabled' : 'disabled'}`)
  })
}
