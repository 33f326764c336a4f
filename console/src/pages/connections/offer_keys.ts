import type { KeyboardEvent } from 'react'

/** Arrows go from the search to the cards and among them, and back; Enter in the search opens the first. `query`: of what is shown. */
export function moveAmongOffers(event: KeyboardEvent, within: HTMLElement | null, query: string): void {
  const { target, key } = event
  if (within === null || !(target instanceof HTMLElement)) return
  const search = within.querySelector<HTMLInputElement>('input[type=search]')
  const cards = [...within.querySelectorAll<HTMLElement>('a[data-offer]')]
  const at = cards.indexOf(target)
  if (target !== search && at < 0) return
  if (key === 'Enter' && target === search) {
    const settled = search.value.trim() === query && within.querySelector('[aria-busy=true]') === null
    // Else what is shown is still of what was typed before.
    if (settled) cards[0]?.click()
    return
  }
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const next = at + step
  ;(next < 0 ? search : cards[next])?.focus()
}
