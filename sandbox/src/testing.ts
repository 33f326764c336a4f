/** For stand-ins of providers: what a server does with a signed request. */
export { decodePairs, isSignatureValid, parseOAuthHeader, signatureBaseString } from './oauth1_signature.ts'
export type { SignatureMethod } from './oauth1_signature.ts'
export { verifySigV4 } from './sigv4.ts'

/**
 * For tests: a client that follows redirects as a browser does, with cookies and without scripts. Several that are given
 * the same cookies are windows of one browser.
 */
export function createBrowser(cookies = new Map<string, string>()) {
  const visit = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (cookies.size > 0) headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const [name = '', value = ''] = pair.split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  /** Follows until something else than a redirect comes, or a redirect leads to `stopAt`. */
  const follow = async (url: string | URL, stopAt: string, init?: RequestInit): Promise<Response | URL> => {
    let response = await visit(url, init)
    let from = new URL(url)
    for (let hops = 0; hops < 12; hops += 1) {
      const location = response.headers.get('location')
      if (location === null) return response
      const next = new URL(location, from)
      if (next.href.startsWith(stopAt)) return next
      response = await visit(next)
      from = next
    }
    throw new Error('too many redirects')
  }

  return { visit, follow }
}

/** Like `follow`, for flows that must end at the redirect URI. */
export async function followTo(
  url: string | URL,
  stopAt: string,
  browser = createBrowser(),
  init?: RequestInit,
): Promise<URL> {
  const end = await browser.follow(url, stopAt, init)
  if (end instanceof URL) return end
  throw new Error(`the flow ended with ${end.status} at ${end.url}: ${await end.text()}`)
}

/** Enters the code of a device at the sandbox as a person does, from the link that holds it; gives the last page. */
export async function enterCode(
  verificationUriComplete: string,
  decision: 'accept' | 'cancel' = 'accept',
  browser = createBrowser(),
): Promise<string> {
  const send = async (page: string, more: Record<string, string>): Promise<string> => {
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
    if (action === undefined) throw new Error(`there is no form: ${page}`)
    const body = new URLSearchParams()
    for (const [, name = '', value = ''] of page.matchAll(/name="(\w+)" value="([^"]*)"/g)) body.set(name, value)
    for (const [name, value] of Object.entries(more)) body.set(name, value)
    if (decision === 'cancel' && more['confirm'] === 'yes') body.delete('confirm')
    else body.delete('abort')
    const end = await browser.follow(action, 'nowhere:', { method: 'POST', body })
    if (!(end instanceof Response)) throw new Error('left for nowhere')
    return end.text()
  }
  const first = await browser.visit(verificationUriComplete)
  const confirm = await send(await first.text(), {})
  return send(confirm, { confirm: 'yes' })
}
