/** The database that the nodes share, as a scenario sees it: where it is, and how it is made to fail. */
import { randomBytes } from 'node:crypto'
import { readConfig } from '../../src/config.ts'
import { openCredential } from '../../src/connection/bind.ts'
import { type Installation, openInstallation } from '../../src/start.ts'
import type { AuthorizationRecord } from '../../src/store.ts'

/** What can happen to a database. An engine offers those that can happen to it here. */
export type DatabaseFault =
  /** Another writer has it, and does not go on. */
  | 'locked'
  /** It is had and freed by others all the time. */
  | 'contended'
  /** Its disk is full. */
  | 'full'
  /** Its disk refuses to write. */
  | 'unwritable'
  /** Its server was ended and comes back. */
  | 'stopped'
  /** Each message to it and from it takes long. */
  | 'slow'
  /** The way to it is closed: connections break, new ones are refused. */
  | 'cut'
  /** The way to it swallows everything. */
  | 'silent'

export interface FaultyDatabase {
  engine: 'sqlite' | 'postgres'
  faults: readonly DatabaseFault[]
  /** Faults that meet one node alone. */
  ofOneNode: readonly DatabaseFault[]
  /** Settings of a node that stands on it. */
  environment(node: string): Promise<Record<string, string>>
  /** `nodes`: process ids of those on it; `only`: the one node that it happens to. Gives what ends the fault. */
  begin(fault: DatabaseFault, nodes: () => number[], only?: string): Promise<() => Promise<void>>
  /** Everything that is stored, as bytes. */
  bytes(): Promise<Buffer>
  /** What the engine itself says is wrong with it; empty when nothing is. */
  damage(): Promise<string[]>
  close(): Promise<void>
}

/** The keyring of a world: every node has it, and so has whoever checks. */
export const keyring = `faults:${randomBytes(32).toString('base64')}`

/** A look at what is stored, with the eyes of the domain. */
export interface Stored {
  installation: Installation
  authorization(link: string): Promise<AuthorizationRecord | undefined>
  /** The refresh token that is stored; undefined where there is none. */
  refreshToken(link: string): Promise<string | undefined>
  close(): Promise<void>
}

export async function lookInto(environment: Record<string, string>): Promise<Stored> {
  const installation = await openInstallation(readConfig({ ...environment, MOORING_SANDBOX: 'off' }))
  const { store, vault, workspaceId } = installation
  const authorization = async (link: string): Promise<AuthorizationRecord | undefined> => {
    const connection = await store.connections.find(workspaceId, link)
    return connection && (await store.authorizations.find(connection.id, ''))
  }
  return {
    installation,
    authorization,
    async refreshToken(link) {
      const record = await authorization(link)
      if (record === undefined || record.credential === null) return undefined
      const held = openCredential(vault, record)
      return typeof held === 'object' && held !== null && 'refreshToken' in held ? String(held.refreshToken) : undefined
    },
    close: () => store.close(),
  }
}
