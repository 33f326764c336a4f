/** Somebody who authorizes a connection in a browser, page by page, and asks for a page again when the node dies under it. */
import { createBrowser } from '@mooring/sandbox/testing'
import type { Node } from './nodes.ts'
import type { Link } from './world.ts'

export interface Person {
  /** Begins the attempt; false where the node did not answer well. */
  begin(): Promise<boolean>
  /** Leaves for the provider, and consents; false as before. */
  leave(): Promise<boolean>
  /** Comes back; the status of the page that tells how it went, 0 where there was none. */
  comeBack(): Promise<number>
  /** The id of the attempt; undefined before it was begun. */
  attempt: () => string | undefined
}

export function createPerson(link: Link, node: Node): Person {
  const browser = createBrowser()
  let page = ''
  let back = ''
  let attempt: string | undefined
  const visit = async (url: string, init?: RequestInit): Promise<Response | undefined> =>
    browser.visit(url.replace('localhost', '127.0.0.1'), init).catch(() => undefined)

  return {
    attempt: () => attempt,
    async begin() {
      const begun = await node.call('POST', `/v1/connections/${link.name}/authorize`)
      if (begun.status !== 200) return false
      page = String(begun.body['authorizationUrl'])
      attempt = String(begun.body['attempt'])
      return true
    },
    async leave() {
      const left = await visit(`${page}/start`, { method: 'POST' })
      const there = left?.headers.get('location') ?? undefined
      const consented = there === undefined ? undefined : await visit(there)
      back = consented?.headers.get('location') ?? ''
      return back !== ''
    },
    comeBack: async () => (await visit(back))?.status ?? 0,
  }
}
