/** The sandbox for journeys: its services defined on a server, and a browser to authorize with. */
import { type Sandbox, type SandboxOptions, startSandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import type { Answer, TestServer } from './harness.ts'

export async function sandboxFor(server: Pick<TestServer, 'call'>, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, autoConsent: true, ...options })
  for (const { service } of sandbox.services) {
    const made = await server.call('POST', '/v1/services', service)
    if (made.status !== 201) throw new Error(`${service.linkName}: ${made.text}`)
  }
  return sandbox
}

export type Browser = ReturnType<typeof createBrowser>

/** Goes through a redirect flow as a person would; gives what the last page answered. */
export async function consent(answer: Answer, browser: Browser = createBrowser()): Promise<Response> {
  const url = String(answer.body['authorizationUrl'])
  const end = await browser.follow(`${url}/start`, 'nowhere:', { method: 'POST' })
  if (!(end instanceof Response)) throw new Error('left for nowhere')
  return end
}

/** A connection of this service, authorized through a browser where it takes one. */
export async function connect(
  server: Pick<TestServer, 'call'>,
  service: string,
  name: string,
  more: object = {},
): Promise<Answer> {
  const made = await server.call('POST', '/v1/connections', { name, linkName: name, service, ...more })
  if (made.status !== 201) throw new Error(made.text)
  if (made.body['status'] === 'active') return made
  const answer = await server.call('POST', `/v1/connections/${name}/authorize`)
  if (answer.body['kind'] === 'redirect') await consent(answer)
  return server.call('GET', `/v1/connections/${name}`)
}
