import type { Page, Response } from 'playwright-core'
import type { Needles } from './needles.ts'

/** What a browser notes of a server that ended, and of one that ends. */
const lost =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|NETWORK_CHANGED)|status of 503/

interface Watch {
  origin: string
  needles: Needles
  /** Files of the build that were searched already, by any page of this server. */
  searched: Set<string>
  fault: (line: string) => void
  /** Whether the server was restarted: then requests have found nobody. */
  restarted: () => boolean
}

/**
 * Watches a page for as long as it lives: errors on its console, reports of the content security policy, requests to
 * anybody else, planted secrets in what the server answers. What providers' pages do is their own affair.
 */
export function watchPage(page: Page, { origin, needles, searched, fault, restarted }: Watch): void {
  const ours = (url: string): boolean => url.startsWith(`${origin}/`)
  page.on('console', (message) => {
    if (message.type() !== 'error' || !ours(message.location().url)) return
    // The browser notes every 4xx, and what says that a provider failed; a refusal is no error of the page.
    if (/Failed to load resource: the server responded with a status of (?:4\d\d|502|504)/.test(message.text())) return
    // So does a browser that was taken off the network.
    if (message.text().includes('net::ERR_INTERNET_DISCONNECTED')) return
    if (restarted() && lost.test(message.text())) return
    fault(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => fault(`page error: ${error.message}`))
  page.on('request', (request) => {
    if (request.isNavigationRequest() || !ours(page.url())) return
    if (!ours(request.url()) && !request.url().startsWith('data:')) fault(`third-party request: ${request.url()}`)
  })
  page.on('response', (response) => void searchAnswer(response).catch(() => undefined))

  async function searchAnswer(response: Response): Promise<void> {
    if (!ours(response.url()) || (response.headers()['content-type'] ?? '').includes('event-stream')) return
    // A script of the build is the same under the same name, and every page loads dozens of them.
    if (searched.has(response.url())) return
    const found = needles.foundIn(await response.text())
    if (isBuilt(response.url())) searched.add(response.url())
    if (found.length > 0) fault(`${found.join(', ')} in the answer of ${new URL(response.url()).pathname}`)
  }
}

function isBuilt(url: string): boolean {
  return /^\/console\/[^/]+\.(?:js|css|woff2|svg|png)$/.test(new URL(url).pathname)
}
