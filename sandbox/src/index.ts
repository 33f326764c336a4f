import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi } from './api.ts'
import { createChecks } from './api_checks.ts'
import { accessTokenModels, createAuthorizationServer, grantModels } from './authorization_server.ts'
import { createControl } from './control.ts'
import type { SandboxControl } from './control.ts'
import { createControlRoutes } from './control_routes.ts'
import { sendJson, sendPage, target } from './http.ts'
import { oauth2Paths } from './observe.ts'
import { createOAuth1, oauth1Models } from './oauth1.ts'
import { homePage } from './pages.ts'
import { describeServices, explainServices } from './services.ts'
import type { SandboxService } from './services.ts'
import { openStore } from './store.ts'

export { demo, demoRsaPrivateKey, demoRsaPublicKey } from './demo.ts'
export type {
  SandboxControl,
  SandboxCounts,
  SandboxLogEntry,
  TokenFailure,
  TokenFailureKind,
  TokenShape,
} from './control.ts'
export type { SandboxService, SandboxServiceDefinition } from './services.ts'

export interface SandboxOptions {
  /** Default 0: any free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** How browsers and clients reach it; the issuer. Default `http://localhost:<port>`. */
  publicUrl?: string
  /** SQLite file that lets grants survive a restart. Default: memory. */
  stateFile?: string
  /** Default 60: short, so that refreshing can be watched. */
  accessTokenLifeSeconds?: number
  /** Sign-in and consent answer themselves by redirects. A request can ask for the same with `sandbox_auto=accept|cancel`. */
  autoConsent?: boolean
  /** Further clients, as oidc-provider registers them. */
  clients?: Record<string, unknown>[]
  /** Demand nonces in DPoP proofs. */
  dpopNonces?: boolean
  /** Serve `POST /control/<name>`. Never for a sandbox others can reach. */
  control?: boolean
}

export interface Sandbox {
  url: string
  port: number
  services: SandboxService[]
  control: SandboxControl
  /** Ends open connections too, hanging ones included. */
  close(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/**
 * Starts the sandbox.
 * @throws the listening error (for example EADDRINUSE), or what SQLite says about the state file
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const store = openStore(options.stateFile ?? ':memory:')
  // The port is part of the issuer, so the server listens before there is anything to serve.
  let handle: Handler = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => {
    void (async () => handle(request, response))().catch((error: unknown) => fail(error, request, response))
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve)
    })
  } catch (error) {
    store.close()
    throw error
  }

  const { port } = addressOf(server.address())
  const url = (options.publicUrl ?? `http://localhost:${port}`).replace(/\/$/, '')
  const { control, endpoints } = createControl({
    expireAccessTokens: () => store.clear(accessTokenModels),
    revokeGrants: () => store.clear([...grantModels, ...oauth1Models]),
  })
  const common = { url, store, endpoints, autoConsent: options.autoConsent ?? false }
  const authorizationServer = createAuthorizationServer({
    ...common,
    clients: options.clients ?? [],
    dpopNonces: options.dpopNonces ?? false,
    accessTokenLifeSeconds: options.accessTokenLifeSeconds ?? 60,
  })
  const oauth1 = createOAuth1({ ...common, urlOf: urlAsSent(url) })
  const api = createApi(createChecks(authorizationServer.provider, oauth1), endpoints)
  const services = describeServices(url)
  const controlRoutes = options.control ? createControlRoutes(control) : undefined

  handle = (request, response) => {
    const { path } = target(request)
    const opener = endpoints.openerPolicy()
    if (opener !== null) response.setHeader('Cross-Origin-Opener-Policy', opener)
    if (path === oauth2Paths.revocation && endpoints.takeRevocationFailure()) {
      return sendJson(response, 503, { error: 'temporarily_unavailable', error_description: 'Made to fail.' })
    }
    if (path.startsWith('/api/')) return api(request, response)
    if (path.startsWith('/oauth1/')) return oauth1.handle(request, response)
    if (path.startsWith('/control/') && controlRoutes) return controlRoutes(request, response)
    if (path === '/') return sendPage(response, 200, homePage(url, explainServices(services)))
    return authorizationServer.handle(request, response)
  }

  return {
    url,
    port,
    services,
    control,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      store.close()
    },
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new TypeError('The sandbox listens on TCP only.')
  return address
}

/** RFC 5849 section 3.4.1.2: the signed URL has the host of the Host header and the scheme the client used. */
const urlAsSent =
  (publicUrl: string) =>
  (request: IncomingMessage): string => {
    const { host, protocol } = new URL(publicUrl)
    const asked = request.headers.host ?? host
    return `${asked === host ? protocol : 'http:'}//${asked}${request.url ?? '/'}`
  }

function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  // A caller that went away while its request was read or answered.
  if (request.destroyed && !request.complete) return
  process.stderr.write(`sandbox: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown error'}\n`)
  if (response.headersSent) response.destroy()
  else sendJson(response, 500, { error: 'server_error', error_description: 'The sandbox itself failed.' })
}
