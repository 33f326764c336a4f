/** The connections to one origin: what is asked waits in the order it came. */
import type { OnReadOpts, Socket } from 'node:net'
import { Connection, type ConnectionLimits, type Home } from './connection.ts'
import { WireError } from './error.ts'
import type { Exchange, Queue } from './exchange.ts'

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

export class Pool implements Home, Queue {
  readonly #open: Open
  readonly #limits: PoolLimits
  readonly #onEmpty: () => void
  readonly #all = new Set<Connection>()
  /** The last used is used next, so that those that are too many grow old. */
  readonly #idle: Connection[] = []
  /**
   * Have just answered. What comes behind an answer shows itself within the turn that read it, and must not become the
   * answer to the next request: so that one is sent in the next turn.
   */
  readonly #settling: Connection[] = []
  readonly #waiting: Exchange[] = []
  /** Those that wait for a connection that has not served yet. */
  readonly #repeats: Exchange[] = []
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
    const queued = this.#waiting.length + this.#repeats.length
    return { connected, free, pending: this.#opening.size, queued, running: connected - free }
  }

  send(exchange: Exchange): void {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable) {
        connection.start(exchange)
        return
      }
    }
    exchange.queue = this
    this.#waiting.push(exchange)
    this.#openMore()
  }

  /** One of those that wait is given up. */
  leave(exchange: Exchange): void {
    remove(this.#waiting, exchange)
    remove(this.#repeats, exchange)
    if (this.#closing && this.#isUnwanted()) this.#giveUp()
  }

  free(connection: Connection): void {
    if (this.#settling.push(connection) === 1) setImmediate(this.#settle)
  }

  readonly #settle = (): void => {
    for (let next = this.#settling.shift(); next !== undefined; next = this.#settling.shift()) {
      if (next.usable) this.#employ(next, this.#waiting.shift())
    }
  }

  #employ(connection: Connection, exchange: Exchange | undefined): void {
    if (exchange !== undefined) connection.start(exchange)
    else if (this.#closing) connection.abort(shutDown())
    else {
      this.#idle.push(connection)
      connection.rest()
    }
  }

  again(exchange: Exchange): void {
    exchange.queue = this
    this.#repeats.push(exchange)
  }

  gone(connection: Connection): void {
    this.#all.delete(connection)
    remove(this.#idle, connection)
    remove(this.#settling, connection)
    this.#openMore()
    this.#tellEmpty()
  }

  /** What runs or waits goes on to its end. */
  close(): void {
    this.#closing = true
    for (const connection of this.#idle.splice(0)) connection.abort(shutDown())
    if (this.#isUnwanted()) this.#giveUp()
    this.#tellEmpty()
  }

  /** What runs or waits fails. */
  destroy(): void {
    this.#closing = true
    for (const exchange of [...this.#repeats.splice(0), ...this.#waiting.splice(0)]) exchange.fail(shutDown())
    for (const connection of this.#all) connection.abort(shutDown())
    this.#giveUp()
    this.#tellEmpty()
  }

  #giveUp(): void {
    for (const giveUp of this.#opening.values()) giveUp()
  }

  #isUnwanted(): boolean {
    return this.#waiting.length === 0 && this.#repeats.length === 0
  }

  #openMore(): void {
    const wanted = this.#repeats.length + Math.max(0, this.#waiting.length - this.#settling.length)
    while (this.#opening.size < wanted && this.#all.size + this.#opening.size < this.#limits.connections)
      this.#openOne()
  }

  #openOne(): void {
    const connection = new Connection(this, this.#limits)
    const opened = (error: Error | null, socket?: Socket): void => this.#opened(connection, error, socket)
    let giveUp: () => void
    try {
      giveUp = this.#open(connection.onread(), opened)
    } catch (error) {
      giveUp = () => undefined
      process.nextTick(opened, error instanceof Error ? error : new Error(String(error)))
    }
    this.#opening.set(connection, giveUp)
  }

  #opened(connection: Connection, error: Error | null, socket: Socket | undefined): void {
    this.#opening.delete(connection)
    if (error !== null || socket === undefined) {
      // It was opened for one of them, unless that one has gone: the others have theirs, or try their own.
      if (this.#repeats.length + this.#waiting.length > this.#opening.size) this.#shift()?.fail(error ?? shutDown())
      this.#openMore()
      this.#tellEmpty()
      return
    }
    this.#all.add(connection)
    connection.attach(socket)
    this.#employ(connection, this.#shift())
  }

  #shift(): Exchange | undefined {
    return this.#repeats.shift() ?? this.#waiting.shift()
  }

  #tellEmpty(): void {
    if (this.#all.size === 0 && this.#opening.size === 0 && this.#isUnwanted()) this.#onEmpty()
  }
}

function remove<T>(list: T[], one: T): void {
  const index = list.indexOf(one)
  if (index !== -1) list.splice(index, 1)
}

export function shutDown(): WireError {
  return new WireError('SHUT_DOWN', 'no request is sent any more')
}
