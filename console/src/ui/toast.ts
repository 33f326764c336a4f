/** Short news at the edge of the page. What needs an answer, or must not be missed, is no toast. */
import { useSyncExternalStore } from 'react'

export interface News {
  title: string
  description: string | undefined
  problem: boolean
}

let waiting: readonly News[] = []
const listeners = new Set<() => void>()

function changeTo(news: readonly News[]): void {
  waiting = news
  for (const listener of listeners) listener()
}

/** Says that something worked, or what became of it. */
export function tell(title: string, description?: string): void {
  changeTo([...waiting, { title, description, problem: false }])
}

/** Says that something did not work, where there is no better place for it. Stays until it is closed. */
export function tellProblem(title: string, description?: string): void {
  changeTo([...waiting, { title, description, problem: true }])
}

/** What is still to be shown. */
export function useNews(): readonly News[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting,
  )
}

export function newsShown(): void {
  if (waiting.length > 0) changeTo([])
}
