/** The part of oidc-provider the sandbox uses; the package ships no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type Payload = Record<string, unknown>

  /** https://github.com/panva/node-oidc-provider/blob/main/example/my_adapter.js */
  export interface Adapter {
    upsert(id: string, payload: Payload, expiresInSeconds?: number): Promise<void>
    find(id: string): Promise<Payload | undefined>
    findByUid(uid: string): Promise<Payload | undefined>
    findByUserCode(userCode: string): Promise<Payload | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  export interface Token {
    readonly clientId: string
    readonly accountId?: string
    readonly grantId?: string
    readonly scope?: string
    readonly isExpired: boolean
  }

  export interface TokenModel {
    find(value: string, options?: { ignoreExpiration?: boolean }): Promise<Token | undefined>
  }

  export interface Client {
    readonly clientId: string
    readonly clientName?: string
    readonly clientAuthMethod: string
    grantTypeAllowed(grantType: string): boolean
    redirectUriAllowed(redirectUri: string): boolean
  }

  export interface Grant {
    readonly jti: string
    addOIDCScope(scope: string): void
    rejectOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Session {
    accountId?: string
    authorizations?: unknown
    persist(): Promise<string>
  }

  export interface Interaction {
    readonly uid: string
    readonly prompt: { name: string; details: Payload }
    readonly params: Payload
    readonly session?: { accountId: string }
  }

  export interface InteractionResult {
    login?: { accountId: string }
    consent?: { grantId: string }
    error?: string
    error_description?: string
  }

  export interface OidcContext {
    readonly route: string
    readonly body?: Payload
    readonly params?: Payload
    readonly result?: InteractionResult
    /** Whom a token is about. */
    readonly account?: { readonly accountId: string }
  }

  export interface Context {
    readonly req: IncomingMessage
    readonly res: ServerResponse
    readonly method: string
    readonly path: string
    readonly querystring: string
    readonly query: Record<string, string | string[] | undefined>
    readonly oidc?: OidcContext
    status: number
    body: unknown
    type: string
    respond?: boolean
    set(name: string, value: string): void
  }

  export interface Account {
    accountId: string
    claims(): Promise<Payload>
  }

  export interface Configuration {
    adapter: (model: string) => Adapter
    clients: Payload[]
    clientDefaults?: Payload
    clockTolerance?: number
    allowOmittingSingleRegisteredRedirectUri?: boolean
    claims?: Record<string, string[] | null>
    clientAuthMethods?: string[]
    clientBasedCORS?: (context: Context, origin: string, client: Client) => boolean
    cookies?: { names?: Record<string, string> }
    extraParams?: Record<string, ((context: Context, value: unknown, client: Client) => void) | null>
    extraTokenClaims?: (context: Context, token: Payload) => Promise<Payload | undefined>
    expiresWithSession?: (context: Context, token: Payload) => Promise<boolean>
    features?: Record<string, Payload>
    fetch?: (url: string, options: { method: string; headers: Headers; signal: AbortSignal }) => Promise<Response>
    findAccount: (context: Context, id: string) => Promise<Account | undefined>
    interactions?: { url: (context: Context, interaction: Interaction) => string }
    issueRefreshToken?: (context: Context, client: Client) => Promise<boolean>
    jwks?: { keys: object[] }
    loadExistingGrant?: (context: Context) => Promise<Grant | undefined>
    pkce?: { required: (context: Context, client: Client) => boolean }
    renderError?: (context: Context, out: Record<string, string>, error: Error) => Promise<void>
    responseTypes?: string[]
    rotateRefreshToken?: boolean
    routes?: Record<string, string>
    scopes?: string[]
    ttl?: Record<string, number | (() => number)>
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    /** Koa: trust X-Forwarded-* from a proxy in front. */
    proxy: boolean
    /** Koa: no console output on errors. */
    silent: boolean
    readonly issuer: string
    readonly AccessToken: TokenModel
    readonly ClientCredentials: TokenModel
    readonly Client: { prototype: Client; find(id: string): Promise<Client | undefined> }
    readonly Grant: {
      new (payload: { accountId: string; clientId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    readonly Session: { get(context: Context): Promise<Session> }
    createContext(request: IncomingMessage, response: ServerResponse): Context
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this
    on(event: 'server_error', listener: (context: Context, error: Error) => void): this
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
      options?: { mergeWithLastSubmission?: boolean },
    ): Promise<string>
  }

  export const errors: { InvalidScope: new (description: string, scope?: string) => Error }
}
