/** Many small durable writes as few larger ones. */
import { setImmediate } from 'node:timers/promises'

/** What `write` made of one item, or why it could not. */
export type Written<Result> = { ok: true; result: Result } | { ok: false; error: unknown }

/**
 * Items that come in the same turn, or while a write is under way, are written together, in the order they came. Each
 * promise settles after its own write: what was written is as durable as before. `write` answers for each item in order;
 * where it throws, all of its items fail. `most`: items of one write.
 */
export function gather<Item, Result>(
  write: (items: Item[]) => Promise<Written<Result>[]>,
  most = 200,
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = false

  const settle = async (turn: Waiting[]): Promise<void> => {
    try {
      const written = await write(turn.map(({ item }) => item))
      for (const [index, { resolve, reject }] of turn.entries()) {
        const one = written[index]
        if (one?.ok === true) resolve(one.result)
        else reject(one?.error ?? new Error('an item was not written'))
      }
    } catch (error) {
      for (const { reject } of turn) reject(error)
    }
  }

  const run = async (): Promise<void> => {
    running = true
    while (waiting.length > 0) {
      // Whoever asks in this turn of the loop comes along.
      await setImmediate()
      const turn = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settle(turn)
    }
    running = false
  }

  return async (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!running) void run()
    })
}
