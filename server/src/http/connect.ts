/** `/connect/{token}` and `/oauth/callback/{callbackId}`: where a person's browser passes through. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { demandOwnOrigin } from '../access/origin.ts'
import { type Authorizer, bindingCookie, type CallbackResult } from '../connection/authorize.ts'
import { errorTitle, type MooringError } from '../errors.ts'
import { escape, page, pageHeaders, pageStyle } from './pages.ts'
import { asMooringError } from './problem.ts'

/** Another site's form must not start a sign-in in this browser (S-8). */
const formOfAnother = {
  detail: 'This form was sent from another site.',
  hint: 'Open the connect page itself and continue there.',
}

export interface ConnectRouteParts {
  authorizer: Authorizer
  publicUrl: () => string
  /** Something was written: makes it felt in this process. */
  written: () => Promise<void>
}

export async function connectRoutes(
  app: FastifyInstance,
  { authorizer, publicUrl, written }: ConnectRouteParts,
): Promise<void> {
  app.get('/assets/page.css', async (_request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('Cache-Control', 'public, max-age=3600')
      .header('X-Content-Type-Options', 'nosniff')
      .send(pageStyle),
  )

  await app.register(async (inside) => {
    // These pages answer people: errors are pages too, and forms are the only bodies.
    inside.setErrorHandler(async (error, request, reply) => sendFault(reply, asMooringError(error), request.id))
    inside.removeAllContentTypeParsers()
    inside.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) =>
      done(null, body),
    )

    inside.get<{ Params: { token: string } }>('/connect/:token', async (request, reply) => {
      const view = await authorizer.view(request.params.token)
      if (view.attempt.state !== 'waiting') {
        return sendPage(
          reply,
          410,
          'This sign-in is over',
          `<h1>This sign-in is over</h1><p>It ended or took longer than ten minutes. Go back to where you came from and begin a new one.</p>`,
        )
      }
      const scopes = view.scopes.map(
        ({ name, value }) =>
          `<li>${escape(name)}${name === value ? '' : ` <code class="soft">${escape(value)}</code>`}</li>`,
      )
      return sendPage(
        reply,
        200,
        `Connect ${view.service}`,
        `<h1>Connect ${escape(view.service)}</h1>
<p class="soft">You will sign in at the provider and come back here.</p>
<dl>
<dt>Workspace</dt><dd>${escape(view.workspace)}</dd>
<dt>Connection</dt><dd>${escape(view.connection)}</dd>
<dt>Sign-in at</dt><dd><code>${escape(view.host)}</code></dd>
<dt>Asks for</dt><dd>${scopes.length === 0 ? 'what the provider gives by default' : `<ul>${scopes.join('')}</ul>`}</dd>
</dl>
<form method="post" action="/connect/${escape(request.params.token)}/start"><button>Continue to ${escape(view.host)}</button></form>`,
      )
    })

    inside.post<{ Params: { token: string } }>('/connect/:token/start', async (request, reply) => {
      demandOwnOrigin(request.headers, publicUrl(), formOfAnother)
      const { token } = request.params
      const { attempt } = await authorizer.view(token)
      const name = bindingCookie(attempt.id)
      const started = await authorizer.start(token, request.cookies[name])
      return reply
        .setCookie(name, started.cookie, {
          path: '/',
          httpOnly: true,
          // The provider's redirect back is a top-level GET from another site, which Lax lets through and Strict does not.
          sameSite: 'lax',
          secure: publicUrl().startsWith('https:'),
          expires: new Date(started.attempt.expiresAt),
        })
        .header('Cache-Control', 'no-store')
        .header('Referrer-Policy', 'no-referrer')
        .redirect(started.url, 303)
    })

    inside.get<{ Params: { callbackId: string } }>('/oauth/callback/:callbackId', async (request, reply) => {
      const parameters = new URL(request.url, publicUrl()).searchParams
      const result = await authorizer.finish(request.params.callbackId, parameters, request.cookies)
      await written()
      void reply.clearCookie(bindingCookie(result.attempt.id), { path: '/' })
      if (result.returnTo !== null) return reply.header('Cache-Control', 'no-store').redirect(result.returnTo, 303)
      return sendResult(reply, result)
    })

    // response_mode=form_post: a cross-site POST brings no Lax cookies, so the browser is sent on to the GET above.
    inside.post<{ Params: { callbackId: string } }>('/oauth/callback/:callbackId', async (request, reply) => {
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
      return reply
        .header('Cache-Control', 'no-store')
        .redirect(`/oauth/callback/${encodeURIComponent(request.params.callbackId)}?${form.toString()}`, 303)
    })
  })
}

async function sendPage(reply: FastifyReply, status: number, title: string, body: string): Promise<FastifyReply> {
  return reply.code(status).headers(pageHeaders).type('text/html; charset=utf-8').send(page(title, body))
}

/** An error as a page, for people. */
export async function sendFault(reply: FastifyReply, error: MooringError, requestId: string): Promise<FastifyReply> {
  return sendPage(
    reply,
    error.status,
    errorTitle[error.code],
    `<h1>${escape(errorTitle[error.code])}</h1><p>${escape(error.message)}</p>${error.hint === undefined ? '' : `<p>${escape(error.hint)}</p>`}<p class="soft">Request <code>${escape(requestId)}</code></p>`,
  )
}

async function sendResult(reply: FastifyReply, { attempt, connection }: CallbackResult): Promise<FastifyReply> {
  const { diagnosis } = attempt
  if (attempt.state === 'succeeded') {
    return sendPage(
      reply,
      200,
      'Connected',
      `<h1 class="good">${escape(connection.name)} is connected</h1>
<p>Programs can call it by its link name <code>${escape(connection.linkName)}</code>. You can close this window.</p>`,
    )
  }
  const steps = attempt.steps.map(
    ({ step, ok, detail }) => `<li${ok ? '' : ' class="bad"'}><strong>${escape(step)}</strong>: ${escape(detail)}</li>`,
  )
  return sendPage(
    reply,
    400,
    diagnosis?.title ?? 'Not connected',
    `<h1 class="bad">${escape(diagnosis?.title ?? 'Not connected')}</h1>
<p>${escape(diagnosis?.detail ?? '')}</p>
${diagnosis?.hint ? `<p>${escape(diagnosis.hint)}</p>` : ''}
<details><summary>Technical details</summary><dl><dt>Code</dt><dd><code>${escape(diagnosis?.code ?? '')}</code></dd><dt>Attempt</dt><dd><code>${escape(attempt.id)}</code></dd></dl><ol>${steps.join('')}</ol></details>`,
  )
}
