/** The last part of a callback URL that is shown, and registered at a provider, before its service exists. */
import { randomText } from '../../words/random.ts'

const keyOf = (entry: string): string => `mooring.callback.${entry}`

/** The same again after the page was loaded anew: it may be registered already. */
export function callbackIdFor(entry: string): string {
  const kept = localStorage.getItem(keyOf(entry))
  if (kept !== null) return kept
  const made = randomText(32)
  localStorage.setItem(keyOf(entry), made)
  return made
}

/** Once a service has it, the next one needs another. */
export function forgetCallbackId(entry: string): void {
  localStorage.removeItem(keyOf(entry))
}
