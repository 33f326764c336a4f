/**
 * The part of the callback URL that a service brings along, so that the URL can be registered before the service is
 * stored. Kept for the tab: a reload must not change what somebody has registered at the provider already.
 */
const key = 'mooring.new-callback-id'

export function callbackId(): string {
  const kept = sessionStorage.getItem(key)
  if (kept !== null) return kept
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  const made = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
  sessionStorage.setItem(key, made)
  return made
}

/** Once a service has it. */
export function forgetCallbackId(): void {
  sessionStorage.removeItem(key)
}
