// Connections that show a client certificate: an agent for each certificate, with the same rules for addresses.
import { createAgent, type AgentOptions, type ClientCertificate } from './agent.ts'
import { EgressError } from './errors.ts'
import type { Agent } from './wire/agent.ts'

/** Certificates with connections at once; the one that was used longest ago gives way. */
const mostAgents = 200
/** Hosts with open connections for one certificate at once. */
const originsEach = 100
/** An agent nobody used for this long is closed; its connections have closed by themselves long before. Milliseconds. */
const idleFor = 300_000

export interface Certified {
  /** Throws EgressError (request_invalid) where the certificate cannot be read. */
  agentFor: (certificate: ClientCertificate) => Agent
  /** Agents that are kept. */
  size: () => number
  close: () => Promise<void>
}

export function createCertified(options: AgentOptions & { agents?: number; now?: () => number }): Certified {
  const most = options.agents ?? mostAgents
  const now = options.now ?? Date.now
  /** In the order of their last use. */
  const kept = new Map<string, { agent: Agent; usedAt: number }>()
  const closing = new Set<Promise<void>>()

  /** Requests under way end; no new one is taken. */
  const drop = (id: string, agent: Agent): void => {
    kept.delete(id)
    const closed = agent.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const sweep = (): void => {
    for (const [id, { agent, usedAt }] of kept) {
      if (now() - usedAt < idleFor) return
      drop(id, agent)
    }
  }

  return {
    agentFor(certificate) {
      const { id } = certificate
      const known = kept.get(id)
      if (known !== undefined) {
        kept.delete(id)
        kept.set(id, { agent: known.agent, usedAt: now() })
        return known.agent
      }
      sweep()
      const [oldest] = kept
      if (oldest !== undefined && kept.size >= most) drop(oldest[0], oldest[1].agent)
      const agent = made(options, certificate)
      kept.set(id, { agent, usedAt: now() })
      return agent
    },
    size: () => kept.size,
    async close() {
      for (const [id, { agent }] of kept) drop(id, agent)
      await Promise.all(closing)
    },
  }
}

function made(options: AgentOptions, certificate: ClientCertificate): Agent {
  try {
    return createAgent({ ...options, origins: originsEach }, certificate)
  } catch (error) {
    // What OpenSSL says may quote the key; it is for the log alone.
    throw new EgressError('request_invalid', 'the API', 'client certificate', error)
  }
}
