/** `/oidc/start` and `/oidc/callback`: where a browser leaves for the identity provider and comes back. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { cookieAttributes, cookieName, readCookie } from '../access/cookie.ts'
import type { Oidc } from '../access/oidc.ts'
import type { OidcSignIn } from '../access/oidc_sign_in.ts'
import { MooringError } from '../errors.ts'
import { browserOf, setSession } from './account.ts'
import { sendFault } from './pages.ts'
import { asMooringError } from './problem.ts'

export interface IdentityProvider {
  /** On the button. */
  name: string
  oidc: Oidc
  signIn: OidcSignIn
}

export interface OidcRouteParts {
  /** null: none is set up. */
  identityProvider: IdentityProvider | null
  publicUrl: () => string
  /** Something was written: makes it felt in this process. */
  written: () => Promise<void>
}

/** From leaving to coming back, in milliseconds. */
const patience = 600_000

export async function oidcRoutes(
  app: FastifyInstance,
  { identityProvider, publicUrl, written }: OidcRouteParts,
): Promise<void> {
  const cookie = (): string => cookieName('mooring_oidc', publicUrl())
  const callbackUrl = (): string => `${publicUrl()}/oidc/callback`
  const provider = (): IdentityProvider => {
    if (identityProvider !== null) return identityProvider
    throw new MooringError('not_found', {
      detail: 'No identity provider is set up here.',
      hint: 'Sign in with your password.',
    })
  }

  await app.register(async (inside) => {
    // These answer people: errors are pages.
    inside.setErrorHandler(async (error, request, reply) => sendFault(reply, asMooringError(error), request.id))

    inside.get('/oidc/start', async (request, reply) => {
      const { url, secret } = await provider().oidc.begin(callbackUrl())
      const returnTo = ownPath(parametersOf(request, publicUrl()).get('returnTo'), publicUrl())
      const kept = `${secret}.${Buffer.from(returnTo).toString('base64url')}`
      return reply
        .setCookie(cookie(), kept, { ...cookieAttributes(publicUrl()), expires: new Date(Date.now() + patience) })
        .header('Cache-Control', 'no-store')
        .header('Referrer-Policy', 'no-referrer')
        .redirect(url, 303)
    })

    inside.get('/oidc/callback', async (request, reply) => {
      const { oidc, signIn } = provider()
      const [secret = '', path = ''] = (readCookie(request.headers, cookie()) ?? '').split('.')
      void reply.clearCookie(cookie(), cookieAttributes(publicUrl()))
      const identity = await oidc.finish(callbackUrl(), parametersOf(request, publicUrl()), secret)
      const arrival = await signIn(identity, browserOf(request, publicUrl()))
      await written()
      setSession(reply, arrival, publicUrl())
      return reply
        .header('Cache-Control', 'no-store')
        .header('Referrer-Policy', 'no-referrer')
        .redirect(ownPath(Buffer.from(path, 'base64url').toString(), publicUrl()), 303)
    })
  })
}

function parametersOf(request: FastifyRequest, publicUrl: string): URLSearchParams {
  return new URL(request.url, publicUrl).searchParams
}

/** A path of this server's, with its query (S-14); the start page where the text is anything else. */
function ownPath(text: string | null, publicUrl: string): string {
  if (text === null || !text.startsWith('/') || text.length > 1000) return '/'
  const url = URL.parse(text, publicUrl)
  return url?.origin === new URL(publicUrl).origin ? url.pathname + url.search + url.hash : '/'
}
