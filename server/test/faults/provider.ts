/**
 * A provider that does what it is told, well or badly, and keeps the truth about it: authorization, token and revocation
 * endpoints, and an API that takes its access tokens. It can be held at each step of an answer.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Asking, createTruth, type GrantTruth, type Habit, habits, type Truth } from './truth.ts'

/** How one token request is answered. */
export interface Behaviour {
  /** Whether it does what was asked before it answers (or does not). */
  processes: boolean
  /** `nothing`: not a byte, for as long as the caller waits. `half`: half of the answer, then nothing, or the end. */
  answer: 'whole' | 'nothing' | 'half then nothing' | 'half then end' | 'end' | 'not JSON' | number
  waitMs?: number
  retryAfterSeconds?: number
  /** In place of 3600. */
  expiresIn?: unknown
  /** Leaves the refresh token out of a whole answer. */
  withoutRefreshToken?: boolean
}

const well: Behaviour = { processes: true, answer: 'whole' }

/** Steps of an answer at which the provider can be held. */
export type Step = 'asked' | 'processed' | 'half answered' | 'revoking'

/** Whom a token request is about: a grant there is, or whoever brings the next code. */
export type Subject = GrantTruth | 'code'

export interface Held {
  /** Resolves when a request has come this far. */
  reached: Promise<void>
  release(): void
}

export interface Provider {
  url: string
  truth: Truth
  /** Rules that were broken by whoever asked; empty when all is well. */
  violations: string[]
  /** The next token requests of this grant, or for the next code, are answered so, in this order; later ones well. */
  script(of: Subject, ...behaviours: Behaviour[]): void
  /** Holds the next request of this grant, or for a code, that comes to this step. */
  hold(step: Step, of: Subject): Held
  /** Forgets what it was told to do, and lets go of everybody. */
  behave(): void
  /** Grants that codes have brought since the last time of asking, and whose answers have come in full. */
  newGrants(): GrantTruth[]
  /** How many token requests have come. */
  asked(): number
  /** The definition of its service, one for each habit. */
  service(habit: Habit): Record<string, unknown>
  close(): Promise<void>
}

export async function startProvider(): Promise<Provider> {
  const truth = createTruth()
  const violations: string[] = []
  const codes = new Map<string, Habit>()
  const clientSecret = truth.secret('client')
  const scripted = new Map<Subject, Behaviour[]>()
  let holds: { step: Step; of: Subject; reach: () => void; released: Promise<void>; release: () => void }[] = []
  let asked = 0
  let begun: GrantTruth[] = []

  const at = async (step: Step, of: Subject): Promise<void> => {
    const held = holds.find((one) => one.step === step && one.of === of)
    if (held === undefined) return
    holds = holds.filter((one) => one !== held)
    held.reach()
    await held.released
  }

  /** Whether this request may be made: nobody else asks for the same grant, and the token was not used up before. */
  const judge = (grant: GrantTruth, token: string): void => {
    if (grant.askings.some((one) => !one.over))
      violations.push(`two token requests at once for one ${grant.habit} grant`)
    if (grant.habit === 'keeps') return
    if (grant.askings.some((one) => one.token === token && one.processed && one.answer === 'clear'))
      violations.push(`a ${grant.habit} refresh token was used again after its answer had come`)
  }

  const tokens = (grant: GrantTruth, token: string, behaviour: Behaviour): Record<string, unknown> | undefined => {
    const given = truth.use(grant, token)
    if (given === undefined) return undefined
    const { accessToken, refreshToken } = given
    return {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: behaviour.expiresIn === undefined ? 3600 : behaviour.expiresIn,
      ...(behaviour.withoutRefreshToken === true ? {} : { refresh_token: refreshToken }),
    }
  }

  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await textOf(request))
    asked++
    const code = form.get('code')
    const habit = code === null ? undefined : codes.get(code)
    const presented = form.get('refresh_token') ?? ''
    // A code is used once; the grant it stands for begins with its use.
    if (code !== null) codes.delete(code)
    const grant = habit === undefined ? truth.byToken(presented) : truth.grant(habit)
    if (grant === undefined || form.get('client_secret') !== clientSecret) {
      send(response, 400, { error: 'invalid_grant' })
      return
    }
    const used = code === null ? presented : (grant.refreshTokens[0] ?? '')
    const subject = code === null ? grant : 'code'
    if (code !== null) begun.push(grant)
    const behaviour = scripted.get(subject)?.shift() ?? well
    judge(grant, used)
    const asking: Asking = {
      token: used,
      processed: false,
      refused: false,
      answer: 'none',
      gave: undefined,
      over: false,
    }
    grant.askings.push(asking)
    response.once('close', () => {
      asking.over = true
      if (asking.answer === 'none') asking.answer = 'unclear'
    })
    await at('asked', subject)
    await delay(behaviour.waitMs ?? 0)
    // Whoever has gone before it was processed has not been heard.
    if (response.destroyed) return
    const given = behaviour.processes ? tokens(grant, used, behaviour) : undefined
    asking.processed = given !== undefined
    asking.refused = behaviour.processes && given === undefined
    asking.gave = grant.refreshTokens.at(-1)
    await at('processed', subject)
    if (response.destroyed) return
    await answer(response, subject, behaviour, asking, given)
  }

  const answer = async (
    response: ServerResponse,
    subject: Subject,
    behaviour: Behaviour,
    asking: Asking,
    given: Record<string, unknown> | undefined,
  ): Promise<void> => {
    const whole = JSON.stringify(given ?? { error: 'invalid_grant' })
    switch (behaviour.answer) {
      case 'nothing':
        return
      case 'end':
        response.destroy()
        return
      case 'half then nothing':
      case 'half then end':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
        response.write(whole.slice(0, whole.length / 2))
        await delay(20)
        if (behaviour.answer === 'half then end') response.destroy()
        return
      case 'not JSON':
        response.writeHead(200, { 'content-type': 'application/json' }).end(whole.slice(1))
        return
      case 'whole': {
        response.writeHead(given === undefined ? 400 : 200, {
          'content-type': 'application/json',
          'content-length': whole.length,
        })
        response.write(whole.slice(0, whole.length / 2))
        await at('half answered', subject)
        response.end(whole.slice(whole.length / 2))
        response.once('finish', () => {
          // Of somebody who stands still it was judged before.
          if (asking.answer === 'none') asking.answer = 'clear'
        })
        return
      }
      default: {
        const { retryAfterSeconds: seconds } = behaviour
        send(
          response,
          behaviour.answer,
          { error: behaviour.answer === 429 ? 'slow_down' : 'server_error' },
          seconds === undefined ? {} : { 'retry-after': String(seconds) },
        )
        // A refusal to listen is clear; a fault of its own says nothing of what was done before.
        asking.answer = behaviour.processes || behaviour.answer >= 500 ? 'unclear' : 'clear'
      }
    }
  }

  const revoke = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await textOf(request))
    const presented = form.get('token') ?? ''
    const grant = truth.byToken(presented) ?? truth.byAccessToken(presented)
    if (grant !== undefined) await at('revoking', grant)
    if (response.destroyed) return
    if (grant !== undefined) {
      grant.revoked = true
      truth.end(grant)
    }
    send(response, 200, {})
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://provider')
    const [, first = '', second = ''] = url.pathname.split('/')
    const habit = habits.find((one) => one === first)
    if (first === 'api') {
      const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '')
      const grant = truth.byAccessToken(bearer)
      const good = grant !== undefined && grant.accessTokens.has(bearer)
      send(response, good ? 200 : 401, { ok: good })
    } else if (habit !== undefined && second === 'authorize') {
      const code = truth.secret('code')
      codes.set(code, habit)
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      response.writeHead(302, { location: back.href }).end()
    } else if (second === 'token') await token(request, response)
    else if (second === 'revoke') await revoke(request, response)
    else send(response, 404, {})
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // Whoever is killed leaves a broken request behind.
      if (!request.destroyed) violations.push(`the provider failed: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  return {
    url,
    truth,
    violations,
    script: (of, ...behaviours) => void scripted.set(of, [...(scripted.get(of) ?? []), ...behaviours]),
    hold(step, of) {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const held = { step, of, reach: reached.resolve, released: released.promise, release: released.resolve }
      holds.push(held)
      return {
        reached: reached.promise,
        release() {
          holds = holds.filter((one) => one !== held)
          held.release()
        },
      }
    },
    behave() {
      scripted.clear()
      for (const held of holds) held.release()
      holds = []
    },
    newGrants() {
      const whole = begun.filter(({ askings }) => askings[0]?.answer === 'clear' && askings[0].processed)
      begun = []
      return whole
    },
    asked: () => asked,
    service: (habit) => ({
      name: `Provider that ${habit}`,
      linkName: habit,
      stage: 'ready',
      auth: {
        type: 'oauth2',
        grantType: 'authorization_code',
        clientId: 'faults',
        clientSecret,
        authorizationUrl: `${url}/${habit}/authorize`,
        tokenUrl: `${url}/${habit}/token`,
        revokeTokenUrl: `${url}/${habit}/revoke`,
      },
      baseUrl: `${url}/api`,
      hosts: [`127.0.0.1:${port}`],
    }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
