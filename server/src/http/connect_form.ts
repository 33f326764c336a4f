/** What the pages of connecting share: their forms, and leaving for the provider. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { bindingCookie } from '../connection/attempt.ts'
import type { Left } from '../connection/begin.ts'

/** Another site's form must not act in this browser (S-8). */
export const formOfAnother = {
  detail: 'This form was sent from another site.',
  hint: 'Open the connect page itself and continue there.',
}

export function readForm({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '')
}

/** Binds the browser and sends it to the provider. */
export async function leave(
  reply: FastifyReply,
  { url, attempt, cookie }: Left,
  publicUrl: string,
): Promise<FastifyReply> {
  return reply
    .setCookie(bindingCookie(attempt.id), cookie, {
      path: '/',
      httpOnly: true,
      // The provider's redirect back is a top-level GET from another site, which Lax lets through and Strict does not.
      sameSite: 'lax',
      secure: publicUrl.startsWith('https:'),
      expires: new Date(attempt.expiresAt),
    })
    .header('Cache-Control', 'no-store')
    .header('Referrer-Policy', 'no-referrer')
    .redirect(url, 303)
}
