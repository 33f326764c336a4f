/** Whether the address that the server takes for its own is the one that people and providers can use. */

export interface UrlWarning {
  title: string
  why: string
}

const here = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$|\.localhost$/

/** `pageOrigin`: where the page itself was loaded from. */
export function publicUrlWarnings(publicUrl: string, pageOrigin: string): UrlWarning[] {
  const [own, page] = [new URL(publicUrl), new URL(pageOrigin)]
  const local = here.test(own.hostname)
  if (local && !here.test(page.hostname)) {
    return [
      {
        title: `Mooring takes itself for ${own.origin}, which is only right on the machine it runs on`,
        why: `You reach it at ${page.origin}. Providers would send people back to their own computers.`,
      },
    ]
  }
  const warnings: UrlWarning[] = []
  if (own.origin !== page.origin) {
    warnings.push({
      title: `You are at ${page.origin}, but Mooring takes itself for ${own.origin}`,
      why: 'Providers send people back to the second one, and what you change here may be refused.',
    })
  }
  if (own.protocol !== 'https:' && !local) {
    warnings.push({
      title: 'The public URL is not https',
      why: 'Sign-ins and credentials can be read on the way, and many providers refuse such a callback URL.',
    })
  }
  return warnings
}

/** Whether an address leads nowhere but to the machine it is used on. */
export function isOnlyHere(url: string): boolean {
  return here.test(new URL(url).hostname)
}

/** What to set, as far as it can be told from here. */
export function publicUrlSetting(publicUrl: string, pageOrigin: string): string {
  const local = here.test(new URL(pageOrigin).hostname)
  const base = local ? new URL(publicUrl) : new URL(pageOrigin)
  if (!here.test(base.hostname)) base.protocol = 'https:'
  return `MOORING_PUBLIC_URL=${base.origin}`
}
