/** The connections to one origin: what is asked waits in the order it came. */
import type { OnReadOpts, Socket } from 'node:net'
import { Connection, type ConnectionLimits, type Home } from './connection.ts'
import { WireError } from './error.ts'
import type { Exchange } from './exchange.ts'

/** Opens one socket, TLS included, with `onread`. Calls back once, never at once. Returns what gives it up, with an error. */
export type Open = (onread: OnReadOpts, opened: (error: Error | null, socket?: Socket) => void) => () => void

export interface PoolLimits extends ConnectionLimits {
  connections: number
}

/** What a pool holds at the moment. */
export interface PoolStats {
  connected: number
  free: number
  /** Being opened. */
  pending: number
  /** Exchanges that wait for a connection. */
  queued: number
  running: number
}

export class Pool implements Home {
  readonly #open: Open
  readonly #limits: PoolLimits
  readonly #onEmpty: () => void
  readonly #all = new Set<Connection>()
  /** The last used is used next, so that those that are too many grow old. */
  readonly #idle: Connection[] = []
  readonly #waiting: Exchange[] = []
  /** Those being opened, each by what gives it up. */
  readonly #opening = new Map<Connection, () => void>()
  #closing = false

  /** `onEmpty`: nothing is left, and nothing comes by itself. */
  constructor(open: Open, limits: PoolLimits, onEmpty: () => void) {
    this.#open = open
    this.#limits = limits
    this.#onEmpty = onEmpty
  }

  get stats(): PoolStats {
    const [connected, free] = [this.#all.size, this.#idle.length]
    return { connected, free, pending: this.#opening.size, queued: this.#waiting.length, running: connected - free }
  }

  send(exchange: Exchange): void {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable) {
        connection.start(exchange)
        return
      }
    }
    this.#waiting.push(exchange)
    this.#openMore()
  }

  free(connection: Connection): void {
    const next = this.#next()
    if (next !== undefined) connection.start(next)
    else if (this.#closing) connection.abort(shutDown())
    else {
      this.#idle.push(connection)
      connection.rest()
    }
  }

  gone(connection: Connection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
    this.#openMore()
    this.#tellEmpty()
  }

  /** What runs or waits goes on to its end. */
  close(): void {
    this.#closing = true
    for (const connection of this.#idle.splice(0)) connection.abort(shutDown())
    if (this.#waiting.every(({ over }) => over)) this.#giveUp()
    this.#tellEmpty()
  }

  /** What runs or waits fails. */
  destroy(): void {
    this.#closing = true
    for (const exchange of this.#waiting.splice(0)) exchange.fail(shutDown())
    for (const connection of this.#all) connection.abort(shutDown())
    this.#giveUp()
    this.#tellEmpty()
  }

  #giveUp(): void {
    for (const giveUp of this.#opening.values()) giveUp()
  }

  /** The oldest that is still wanted. */
  #next(): Exchange | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.over) return next
    }
    return undefined
  }

  #openMore(): void {
    const { connections } = this.#limits
    while (this.#opening.size < this.#waiting.length && this.#all.size + this.#opening.size < connections) {
      const connection = new Connection(this, this.#limits)
      const giveUp = this.#open(connection.onread(), (error, socket) => this.#opened(connection, error, socket))
      this.#opening.set(connection, giveUp)
    }
  }

  #opened(connection: Connection, error: Error | null, socket: Socket | undefined): void {
    this.#opening.delete(connection)
    if (error !== null || socket === undefined) {
      // It was opened for one of them: the others have theirs, or try their own.
      this.#next()?.fail(error ?? shutDown())
      this.#openMore()
      this.#tellEmpty()
      return
    }
    this.#all.add(connection)
    connection.attach(socket)
    this.free(connection)
  }

  #tellEmpty(): void {
    if (this.#all.size === 0 && this.#opening.size === 0 && this.#waiting.length === 0) this.#onEmpty()
  }
}

export function shutDown(): WireError {
  return new WireError('SHUT_DOWN', 'no request is sent any more')
}
