/** The built console: one page and its files (S-54). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** No inline script or style, nobody else's files, no frames. */
export const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
].join('; ')

const pageHeaders: Record<string, string> = {
  'Content-Security-Policy': consolePolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  // A sign-in window of ours may go to a provider and come back.
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'X-Frame-Options': 'DENY',
  // The page names its files by their hash; it must be the newest itself.
  'Cache-Control': 'no-cache',
}

/** Paths that programs use, or that have pages of their own; an unknown one below them is no page of the console. */
const elsewhere = /^\/(?:v1|connect|oauth|oidc|docs|assets|console|healthz|readyz|metrics)(?:[/?]|$)/

/** Answers with the console where the request is a browser's for one of its pages; false where it is not. */
export type ServeConsole = (request: FastifyRequest, reply: FastifyReply) => boolean

/** A name with the hash of the content in it, as the build gives; what is behind it never changes. */
const hashed = /-[\w-]{8}\.\w+(?:\.(?:gz|br))?$/

/** `folder` as `@mooring/console` built it. */
export async function consoleRoutes(app: FastifyInstance, folder: string | undefined): Promise<ServeConsole> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return () => false
  // Gives `sendFile`, and serves nothing by itself.
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  await app.register(async (files) => {
    // A path that leads out of the folder is no file of it.
    files.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      if (error.statusCode === undefined || error.statusCode >= 500) throw error
      reply.callNotFound()
    })
    await files.register(fastifyStatic, {
      // Asked for when they are wanted: the console may be built anew beside a server that runs.
      root: join(folder, 'console'),
      prefix: '/console/',
      decorateReply: false,
      index: false,
      redirect: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) =>
        void reply.headers({
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': hashed.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        }),
    })
  })
  return (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    if (elsewhere.test(request.url) || request.headers.accept?.includes('text/html') !== true) return false
    void reply.headers(pageHeaders).sendFile('index.html', { cacheControl: false })
    return true
  }
}
