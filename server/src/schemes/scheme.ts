/**
 * What an authentication type is. One object in one file declares it; validation, prompts, forms, documentation,
 * redaction and the calls themselves read the declaration. `index.ts` lists the schemes; nothing else names one.
 */
import type { FieldError, FormField, PromptField, ScopeDelimiter, Service } from '@mooring/contract'
import type { z } from 'zod'
import { MooringError } from '../errors.ts'
import { type FixedField, formOf, inputSchema } from './form.ts'

/**
 * One outgoing request, before it is sent. A scheme changes it in place. `url` is parsed and final but for what the
 * scheme adds; `headers` is a flat list of names and values in the order they go out, as on the wire.
 */
export interface OutgoingRequest {
  method: string
  url: URL
  headers: string[]
  /**
   * The body, where the scheme asked for it (`bodyUse`) and there is one. `null`: no body. `undefined`: the body is
   * streamed and was not read; only a scheme that does not need it, or can sign without it, may go on.
   */
  body: Uint8Array | null | undefined
}

/**
 * Puts the credential on a request, after everything of the caller's that stood in its place was removed (S-37).
 * `now` is in milliseconds. Prepared once a credential, called once a request, so what can be computed before is.
 */
export type Injector = (request: OutgoingRequest, now: number) => void

/** What a client proves itself with inside TLS (RFC 8446 section 4.4.2): certificate and key, or both in one PKCS#12. */
export interface ClientCertificate {
  /** The same for the same certificate and key: connections are kept apart by it. Gives nothing of them away. */
  id: string
  /** PEM, the client's own first. */
  cert?: string
  /** PEM, not encrypted. */
  key?: string
  /** PKCS#12 (RFC 7292), with its passphrase. */
  pfx?: Uint8Array
  passphrase?: string
}

/** What a prepared credential needs from the one who sends. */
export interface Applied {
  inject: Injector
  /** Shown to whoever asks for one on the connections of these calls, and of no others. */
  certificate?: ClientCertificate
  /**
   * Learns from an answer that asks for the credential in another form (RFC 9110 section 11.6.1). True: the same request,
   * injected once more, is worth repeating, which is done once a request. `request` is as it went out; `headers` are
   * the answer's, flat.
   */
  challenged?(answer: { status: number; headers: readonly string[] }, request: OutgoingRequest): boolean
  /** Where the credential travels, for masking and for `GET /credentials`: lower-case header names … */
  headers: string[]
  /** … and query parameters. */
  parameters: string[]
  /**
   * `none`: bodies are streamed untouched. `form`: a form body is read, since the scheme adds to it or signs it.
   * `bytes`: every body up to the limit is read, since the signature covers it; a longer one arrives as undefined.
   */
  bodyUse: 'none' | 'form' | 'bytes'
}

/** What a person, a client-credentials grant or a refresh brought. Times are in milliseconds. */
export interface Grant<Credential> {
  credential: Credential
  /** When the access token ends; null where it does not, or nothing is known to end. */
  expiresAt: number | null
  /** As the provider said; null where it did not say. */
  grantedScopes: string[] | null
  /** Who the provider says has authorized; null where it does not tell. */
  account: string | null
  /** What was noticed on the way, for the attempt's steps and the activity list ("expiry in milliseconds"). No secrets. */
  notes: string[]
  /**
   * Values for placeholders that the provider told. At connecting: all there are; at a renewal: those that it told anew.
   */
  learned?: Record<string, string>
}

/** A placeholder that nobody fills in, since the provider tells its value. */
export interface Learned {
  name: string
  /** What its values must match as a whole; null where a draft does not say yet. */
  pattern: string | null
  /** Connecting goes on without it. */
  optional: boolean
  /** Of the rule, relative to `auth`. */
  path: string
  /** The texts (`endpoints`, `texts`) that are used before the value is known. */
  unknownIn: string[]
}

/** What a scheme may use of the world outside. */
export interface Exchange {
  /**
   * Sends to a token, request-token, refresh or revocation endpoint through the egress layer: no redirects, at most
   * 1 MiB, a total time limit (S-10). Throws MooringError: upstream_unreachable, provider_timeout, egress_blocked.
   */
  fetch(
    url: URL,
    init: { method: string; headers: Record<string, string>; body: string | null; certificate?: ClientCertificate },
  ): Promise<Response>
  /** Milliseconds. */
  now(): number
  /** URL-safe base64 of this many random bytes. */
  random(bytes: number): string
}

export interface ScopeInput {
  scopes: string[]
  scopeDelimiter: ScopeDelimiter
}

export interface BeginInput extends ScopeInput {
  callbackUrl: string
}

export interface Begun {
  /** Where the person goes. */
  authorizationUrl: string
  /** What the callback will bring to find this attempt: `state`, or OAuth 1's request token. */
  correlation: string
  /** Kept sealed until the callback: code verifier, request-token secret. */
  kept: Record<string, string>
}

export interface FinishInput extends ScopeInput {
  callbackUrl: string
  /** The callback's query or form. */
  parameters: URLSearchParams
  /** Values for placeholders of `learns` that the provider may tell anew; in the definition they are not filled in. */
  given?: Record<string, string>
  kept: Record<string, string>
}

/** What a person is shown to authorize on another device (RFC 8628 section 3.2). */
export interface DeviceBegun {
  userCode: string
  /** The page to enter it on, and the same with the code in it; both http or https. */
  verificationUri: string
  verificationUriComplete: string | null
  /** How long the code is good for, and how often the provider may be asked. */
  expiresInSeconds: number
  intervalSeconds: number
  /** Kept sealed until the end: the device code. */
  kept: Record<string, string>
}

export interface DeviceInput extends ScopeInput {
  kept: Record<string, string>
}

/** A public key that providers check our signatures with. Times in milliseconds since the epoch. */
export interface PublishedKey {
  id: string
  createdAt: number
  /** When it begins to sign: a new one is published before. */
  signsFrom: number
  /** Null for the newest. */
  publishedUntil: number | null
  /** RFC 7517, with `kid`, `alg` and `use`. */
  jwk: Record<string, unknown>
}

/** What an API answered that refused the credential (401, 403). */
export interface RefusedCall {
  headers: Headers
  /** The beginning of its body. */
  text: string
}

/** What it means, and what mends it. No secrets, and none of the API's words. */
export interface Explanation {
  title: string
  hint: string
}

/** What a service says besides `auth`, as far as the live preview shows it. */
export interface Outlook extends BeginInput {
  /** What goes out with the credential: the URL with its placeholders, the service's own headers. */
  call: { method: string; url: string; headers: Record<string, string> }
}

/** A request in the live preview: what will be sent, every secret as dots. */
export interface Description {
  title: string
  /** `METHOD URL`, headers and body as they would go out. */
  lines: string[]
}

/** A strict zod object: what a scheme declares its fields with. */
export type Fields<Definition> = z.ZodType<Definition> & {
  shape: Record<string, z.ZodType>
  partial(): z.ZodType<Partial<Definition>>
}

/**
 * `Definition` is the stored `auth` of a service without its type, with its secrets and with placeholders filled in.
 * `Credential` is the secret part of one authorization.
 */
export interface Scheme<Definition, Credential> {
  type: string
  title: string
  /** One line in plain words for whoever chooses. */
  summary: string
  /**
   * The fields of `auth`, defaults included, in the order of the form, with `title` and `description` as metadata; a
   * secret one has `secret: true` there, one that hides under "advanced" `advanced: true`, and `form` says the rest
   * (`form.ts`).
   */
  fields: Fields<Definition>
  /** What the type decides and a form shows locked. */
  fixed?: FixedField[]
  credential: z.ZodType<Credential>
  /** True where scopes mean something. */
  scopes: boolean
  /**
   * Rules over several fields, with paths relative to `auth`. A draft may lack any field, so only what is there is
   * judged; at `ready` what is missing is told as well.
   */
  check?(definition: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[]
  /** Endpoints the definition names, by field, as far as it has them: their hosts are shown, and plain http earns a warning. */
  endpoints?(definition: Partial<Definition>): Record<string, string>
  /** What connecting learns from the provider. */
  learns?(definition: Partial<Definition>): Learned[]
  /** Texts besides the endpoints that may hold placeholders, by field; names that the scheme fills itself are left out. */
  texts?(definition: Partial<Definition>): Record<string, string>
  /** Open values of the definition that the service's own texts (headers, URLs) may name like placeholders. */
  values?(definition: Partial<Definition>): Record<string, string>
  /** What weakens this definition, with paths relative to `auth`. Told wherever it is shown or written. */
  warnings?(definition: Partial<Definition>): Service['warnings']
  /** Headers besides Authorization and Cookie that the credential travels in; the service's constants may not name them. */
  headerNames?(definition: Partial<Definition>): string[]
  /** The fields to ask of whoever connects, in order; empty where nobody is asked. */
  prompt(definition: Definition): PromptField[]
  /** Reads what the prompt (or a migration) brought. Errors have paths relative to `credentials`. */
  read(
    definition: Definition,
    values: Record<string, unknown>,
    now: number,
  ): { grant: Grant<Credential> } | { errors: FieldError[] }
  /**
   * Turns what `read` took into what calls need, where that takes a request: signing in, assuming a role. Null where
   * this definition needs none. Absent: `read` is all there is.
   */
  complete?(
    definition: Definition,
    credential: Credential,
    input: ScopeInput,
    exchange: Exchange,
  ): Promise<Grant<Credential> | null>
  /** Prepares a credential for use. Throws nothing; injecting may throw MooringError (validation_failed). */
  apply(definition: Definition, credential: Credential): Applied
  /** Redirect flows: both or neither. */
  begin?(definition: Definition, input: BeginInput, exchange: Exchange): Promise<Begun>
  /** What in a callback finds the attempt. */
  correlate?(parameters: URLSearchParams): string | null
  finish?(definition: Definition, input: FinishInput, exchange: Exchange): Promise<Grant<Credential>>
  /** Flows on another device: both or neither. `pollDevice` throws where the person said no or the code has ended. */
  beginDevice?(definition: Definition, input: ScopeInput, exchange: Exchange): Promise<DeviceBegun>
  pollDevice?(
    definition: Definition,
    input: DeviceInput,
    exchange: Exchange,
  ): Promise<Grant<Credential> | 'pending' | 'slow_down'>
  /**
   * Whether this definition sends a person to the provider, gives them a code to enter there, gets a token by itself, or
   * takes what `read` is given. Judged on what is there.
   */
  flow(definition: Partial<Definition>): Flow
  acquire?(definition: Definition, input: ScopeInput, exchange: Exchange): Promise<Grant<Credential>>
  /** Whether this credential can be renewed without a person. */
  refreshable?(definition: Definition, credential: Credential): boolean
  refresh?(
    definition: Definition,
    credential: Credential,
    input: ScopeInput,
    exchange: Exchange,
  ): Promise<Grant<Credential>>
  /** How early to renew, in seconds before the end; null leaves it to min(300, half the lifetime). */
  refreshMarginSeconds?(definition: Definition): number | null
  /** Whether an API's answer means that the access token is no longer good. Absent: status 401. */
  expired?(definition: Definition, status: number): boolean
  /** Texts of which one in the body of an answer with this status means the same; where there are none no body is looked at. */
  expiredTexts?(definition: Definition, status: number): string[]
  /** Why an API refused the credential, where its answer says more than its status does. `now` in milliseconds. */
  explain?(answer: RefusedCall, now: number): Explanation | undefined
  /** Tells the provider. Throws MooringError where it did not confirm. */
  revoke?(definition: Definition, credential: Credential, exchange: Exchange): Promise<'done' | 'not_configured'>
  /**
   * Keys that a service makes for itself, among its secret fields. `make`: what to add to a definition that lacks one, or
   * in place of the one that signs (`anew`); undefined where there is nothing to make. `published`: [] where none are.
   */
  keys?: {
    make(definition: Definition, now: number, anew: boolean): Partial<Definition> | undefined
    published(definition: Definition, now: number): PublishedKey[]
  }
  /** What Mooring will send, in order, for the live preview. Judged on what is there. */
  describe(definition: Partial<Definition>, outlook: Outlook): Description[]
}

/** How an authorization begins. */
export type Flow = 'redirect' | 'device' | 'acquire' | 'prompt'

/** A scheme whose own types are closed inside, as the rest of the server holds it: values are parsed on the way in. */
export interface AnyScheme {
  type: string
  title: string
  summary: string
  scopes: boolean
  /** True where a person may be sent to the provider. */
  redirects: boolean
  /** True where a credential may be renewed without a person. */
  renews: boolean
  /** Names of the fields that are secrets. */
  secretFields: string[]
  fields: Fields<unknown>
  /** The fields as a form shows them. */
  form: FormField[]
  /** The fields as JSON Schema. */
  schema: Record<string, unknown>
  partialFields: z.ZodType
  check(definition: unknown, stage: 'draft' | 'ready'): FieldError[]
  endpoints(definition: unknown): Record<string, string>
  learns(definition: unknown): Learned[]
  texts(definition: unknown): Record<string, string>
  values(definition: unknown): Record<string, string>
  warnings(definition: unknown): Service['warnings']
  headerNames(definition: unknown): string[]
  prompt(definition: unknown): PromptField[]
  read(
    definition: unknown,
    values: Record<string, unknown>,
    now: number,
  ): { grant: Grant<unknown> } | { errors: FieldError[] }
  complete(
    definition: unknown,
    credential: unknown,
    input: ScopeInput,
    exchange: Exchange,
  ): Promise<Grant<unknown> | null>
  apply(definition: unknown, credential: unknown): Applied
  flow(definition: unknown): Flow
  beginDevice(definition: unknown, input: ScopeInput, exchange: Exchange): Promise<DeviceBegun>
  pollDevice(
    definition: unknown,
    input: DeviceInput,
    exchange: Exchange,
  ): Promise<Grant<unknown> | 'pending' | 'slow_down'>
  begin(definition: unknown, input: BeginInput, exchange: Exchange): Promise<Begun>
  correlate(parameters: URLSearchParams): string | null
  finish(definition: unknown, input: FinishInput, exchange: Exchange): Promise<Grant<unknown>>
  acquire(definition: unknown, input: ScopeInput, exchange: Exchange): Promise<Grant<unknown>>
  refreshable(definition: unknown, credential: unknown): boolean
  refresh(definition: unknown, credential: unknown, input: ScopeInput, exchange: Exchange): Promise<Grant<unknown>>
  refreshMarginSeconds(definition: unknown): number | null
  expired(definition: unknown, status: number): boolean
  expiredTexts(definition: unknown, status: number): string[]
  explain(answer: RefusedCall, now: number): Explanation | undefined
  revoke(definition: unknown, credential: unknown, exchange: Exchange): Promise<'done' | 'not_configured'>
  /** Judged on what is there: a draft's as well. */
  makeKeys(definition: unknown, now: number, anew: boolean): Record<string, unknown> | undefined
  publishedKeys(definition: unknown, now: number): PublishedKey[]
  describe(definition: unknown, outlook: Outlook): Description[]
}

/** Closes a scheme's types. A part the scheme lacks is never called: `flow` and `refreshable` say what there is. */
export function defineScheme<Definition, Credential>(scheme: Scheme<Definition, Credential>): AnyScheme {
  const partialFields = scheme.fields.partial()
  const whole = (value: unknown): Definition => scheme.fields.parse(value)
  const part = (value: unknown): Partial<Definition> => partialFields.parse(value)
  const secret = (value: unknown): Credential => scheme.credential.parse(value)
  const lacks = (what: string): never => {
    throw new MooringError('internal_error', { detail: `The authentication type ${scheme.type} has no ${what}.` })
  }
  return {
    type: scheme.type,
    title: scheme.title,
    summary: scheme.summary,
    scopes: scheme.scopes,
    redirects: scheme.begin !== undefined,
    renews: scheme.refresh !== undefined,
    secretFields: Object.entries(scheme.fields.shape)
      .filter(([, field]) => field.meta()?.['secret'] === true)
      .map(([name]) => name),
    fields: scheme.fields,
    form: formOf(scheme.fields, scheme.fixed),
    schema: { ...inputSchema(scheme.fields, 'left out') },
    partialFields,
    check: (definition, stage) => scheme.check?.(part(definition), stage) ?? [],
    endpoints: (definition) => scheme.endpoints?.(part(definition)) ?? {},
    learns: (definition) => scheme.learns?.(part(definition)) ?? [],
    texts: (definition) => scheme.texts?.(part(definition)) ?? {},
    values: (definition) => scheme.values?.(part(definition)) ?? {},
    warnings: (definition) => scheme.warnings?.(part(definition)) ?? [],
    headerNames: (definition) => scheme.headerNames?.(part(definition)) ?? [],
    prompt: (definition) => scheme.prompt(whole(definition)),
    read: (definition, values, now) => scheme.read(whole(definition), values, now),
    complete: async (definition, credential, input, exchange) =>
      scheme.complete ? scheme.complete(whole(definition), secret(credential), input, exchange) : null,
    apply: (definition, credential) => scheme.apply(whole(definition), secret(credential)),
    flow: (definition) => scheme.flow(part(definition)),
    begin: async (definition, input, exchange) =>
      scheme.begin ? scheme.begin(whole(definition), input, exchange) : lacks('redirect'),
    correlate: (parameters) => scheme.correlate?.(parameters) ?? null,
    finish: async (definition, input, exchange) =>
      scheme.finish ? scheme.finish(whole(definition), input, exchange) : lacks('redirect'),
    beginDevice: async (definition, input, exchange) =>
      scheme.beginDevice ? scheme.beginDevice(whole(definition), input, exchange) : lacks('flow on another device'),
    pollDevice: async (definition, input, exchange) =>
      scheme.pollDevice ? scheme.pollDevice(whole(definition), input, exchange) : lacks('flow on another device'),
    acquire: async (definition, input, exchange) =>
      scheme.acquire ? scheme.acquire(whole(definition), input, exchange) : lacks('grant without a person'),
    refreshable: (definition, credential) => scheme.refreshable?.(whole(definition), secret(credential)) ?? false,
    refresh: async (definition, credential, input, exchange) =>
      scheme.refresh ? scheme.refresh(whole(definition), secret(credential), input, exchange) : lacks('refresh'),
    refreshMarginSeconds: (definition) => scheme.refreshMarginSeconds?.(whole(definition)) ?? null,
    expired: (definition, status) => scheme.expired?.(whole(definition), status) ?? status === 401,
    expiredTexts: (definition, status) => scheme.expiredTexts?.(whole(definition), status) ?? [],
    explain: (answer, now) => scheme.explain?.(answer, now),
    revoke: async (definition, credential, exchange) =>
      scheme.revoke ? scheme.revoke(whole(definition), secret(credential), exchange) : 'not_configured',
    makeKeys: (definition, now, anew) => scheme.keys?.make(whole(definition), now, anew),
    publishedKeys: (definition, now) => scheme.keys?.published(whole(definition), now) ?? [],
    describe: (definition, outlook) => scheme.describe(part(definition), outlook),
  }
}
