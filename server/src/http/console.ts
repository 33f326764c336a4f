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

/** `folder` as `@mooring/console` built it. */
export async function consoleRoutes(app: FastifyInstance, folder: string | undefined): Promise<ServeConsole> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return () => false
  await app.register(fastifyStatic, {
    root: folder,
    // Files are named by what is in them.
    prefix: '/',
    wildcard: false,
    index: false,
    globIgnore: ['**/*.{gz,br}', 'index.html', '.sources', '.vite/**'],
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => void reply.header('X-Content-Type-Options', 'nosniff'),
  })
  return (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    if (elsewhere.test(request.url) || request.headers.accept?.includes('text/html') !== true) return false
    void reply.headers(pageHeaders).sendFile('index.html', { cacheControl: false })
    return true
  }
}
