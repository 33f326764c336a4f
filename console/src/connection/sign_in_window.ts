/** The window in which somebody signs in at the provider. */
export interface SignInWindow {
  /** True where the browser did not let it open. */
  blocked: boolean
  go(url: string): void
  close(): void
}

/** Opens it empty. Only inside a click, before anything is waited for; otherwise browsers block it. */
export function openSignInWindow(): SignInWindow {
  const opened = window.open('about:blank', 'mooring-sign-in', 'popup,width=560,height=720')
  // One that is still open from before is used again, and may lie behind.
  opened?.focus()
  return {
    blocked: opened === null,
    go(url) {
      if (opened !== null) opened.location.href = url
    },
    close: () => opened?.close(),
  }
}

/** On phones a second window is a second tab that people lose; there the sign-in takes this one. */
export function prefersFullPage(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse) and (max-width: 767px)').matches
}
