/** Our HTTP/1.1 client: pools of connections, one for each origin, made when it is first asked and dropped when empty. */
import { WireError } from './error.ts'
import { type Answering, Exchange } from './exchange.ts'
import { type Open, Pool, type PoolLimits, type PoolStats, shutDown } from './pool.ts'
import { requestHead, type WireRequest } from './request.ts'

export interface AgentLimits extends PoolLimits {
  /** Origins with connections at once. */
  origins: number
}

export class Agent {
  readonly #openerOf: (origin: URL) => Open
  readonly #limits: AgentLimits
  readonly #pools = new Map<string, Pool>()
  #closed: { promise: Promise<void>; resolve: () => void } | undefined

  /** `openerOf`: how sockets to an origin are opened. */
  constructor(openerOf: (origin: URL) => Open, limits: AgentLimits) {
    this.#openerOf = openerOf
    this.#limits = limits
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** By origin. */
  get stats(): Record<string, PoolStats> {
    return Object.fromEntries(Array.from(this.#pools, ([origin, { stats }]) => [origin, stats]))
  }

  /** Throws WireError: BAD_REQUEST, TOO_MANY_ORIGINS, SHUT_DOWN; nothing is sent then, and `answering` hears nothing. */
  send(request: WireRequest, answering: Answering): Exchange {
    if (this.#closed !== undefined) throw shutDown()
    const exchange = new Exchange(request, requestHead(request), answering)
    const { origin } = request.url
    const pool = this.#pools.get(origin) ?? this.#add(origin)
    pool.send(exchange)
    return exchange
  }

  #add(origin: string): Pool {
    if (this.#pools.size >= this.#limits.origins)
      throw new WireError('TOO_MANY_ORIGINS', 'there are connections to as many hosts as there may be')
    const pool: Pool = new Pool(this.#openerOf(new URL(origin)), this.#limits, () => {
      if (this.#pools.get(origin) === pool) this.#pools.delete(origin)
      if (this.#pools.size === 0) this.#closed?.resolve()
    })
    this.#pools.set(origin, pool)
    return pool
  }

  /** Takes nothing more, and resolves when what runs has ended. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    for (const pool of this.#pools.values()) pool.close()
    if (this.#pools.size === 0) this.#closed.resolve()
    return this.#closed.promise
  }

  /** The same, and ends what runs. */
  destroy(): Promise<void> {
    const closed = this.close()
    for (const pool of this.#pools.values()) pool.destroy()
    return closed
  }
}
