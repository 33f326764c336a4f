/** Chance that can be had again: everything a scenario decides comes from its seed. */

export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from `from` up to and including `to`. */
  whole(from: number, to: number): number
  chance(percent: number): boolean
  pick<T>(list: readonly T[]): T
}

/** A text as a seed (FNV-1a over its UTF-16 units). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** mulberry32. */
export function randomOf(seed: string): Random {
  let state = hashOf(seed)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (percent) => next() * 100 < percent,
    pick(list) {
      const taken = list[Math.floor(next() * list.length)]
      if (taken === undefined) throw new Error('nothing to pick from')
      return taken
    },
  }
}
