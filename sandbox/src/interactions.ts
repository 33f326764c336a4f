import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, InteractionResult, Provider } from 'oidc-provider'
import { demo } from './demo.ts'
import { readBody, redirect, sendPage, target } from './http.ts'
import { consentPage, messagePage, signInPage } from './pages.ts'
import { isRecord } from './store.ts'

export const interactionPath = '/oauth2/interaction/'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const isPerson = (id: string): boolean => demo.people.some((person) => person.id === id)

/** The person an interaction without a human signs in: the one hinted at, else the first. */
export const hintedPerson = (hint: string): string => (isPerson(hint) ? hint : demo.people[0].id)

const refusal: InteractionResult = { error: 'access_denied', error_description: 'The person pressed Cancel.' }

/** Serves the sign-in and the consent page, or answers them by itself where the request or the options say so. */
export function createInteractions(provider: Provider, { autoConsent }: { autoConsent: boolean }) {
  const grantScopes = async (
    { prompt, params, session }: Interaction,
    accepted: readonly string[] | 'all',
  ): Promise<InteractionResult> => {
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: text(params.client_id) })
    for (const scope of requestedScopes(prompt.details)) {
      if (accepted === 'all' || accepted.includes(scope)) grant.addOIDCScope(scope)
      else grant.rejectOIDCScope(scope)
    }
    return { consent: { grantId: await grant.save() } }
  }

  const signOut = async (request: IncomingMessage, response: ServerResponse): Promise<string> => {
    const returnTo = await provider.interactionResult(request, response, {}, { mergeWithLastSubmission: false })
    const session = await provider.Session.get(provider.createContext(request, response))
    delete session.accountId
    delete session.authorizations
    await session.persist()
    return returnTo
  }

  const decideAlone = async (interaction: Interaction, decision: string): Promise<InteractionResult> => {
    if (decision === 'cancel') return refusal
    if (interaction.prompt.name === 'consent') return grantScopes(interaction, 'all')
    return { login: { accountId: hintedPerson(text(interaction.params.login_hint)) } }
  }

  const decide = async (interaction: Interaction, form: URLSearchParams): Promise<InteractionResult> => {
    if (form.get('decision') === 'cancel') return refusal
    if (interaction.prompt.name === 'consent') return grantScopes(interaction, form.getAll('scope'))
    return { login: { accountId: hintedPerson(form.get('account') ?? '') } }
  }

  const show = async (interaction: Interaction, action: string, response: ServerResponse): Promise<void> => {
    const { params, prompt, session } = interaction
    const client = await provider.Client.find(text(params.client_id))
    const asking = { clientName: client?.clientName ?? 'An application', redirectUri: text(params.redirect_uri) }
    if (prompt.name === 'login') return sendPage(response, 200, signInPage(action, asking))
    const scopes = requestedScopes(prompt.details)
    return sendPage(response, 200, consentPage(action, asking, session?.accountId ?? '', scopes))
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const finish = async (result: InteractionResult) =>
      redirect(response, await provider.interactionResult(request, response, result))

    const interaction = await provider.interactionDetails(request, response).catch(() => undefined)
    if (!interaction) {
      const advice = 'This page belongs to a sign-in that is over or was started elsewhere. Please start again.'
      return sendPage(response, 400, messagePage('Nothing to decide', advice))
    }

    const auto = text(interaction.params.sandbox_auto) || (autoConsent ? 'accept' : '')
    if (auto) return finish(await decideAlone(interaction, auto))
    if (request.method !== 'POST') return show(interaction, target(request).path, response)

    const form = new URLSearchParams((await readBody(request, 16_384)).head.toString())
    if (form.get('decision') === 'switch') return redirect(response, await signOut(request, response))
    return finish(await decide(interaction, form))
  }
}

function requestedScopes(details: unknown): string[] {
  const scopes = isRecord(details) ? details.missingOIDCScope : undefined
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : []
}
