/** The pages on which a person enters a device's code (RFC 8628 section 3.3). */
import type { Context } from 'oidc-provider'
import { pageHeaders } from './http.ts'
import { formPage, messagePage } from './pages.ts'

function show(context: Context, body: string): void {
  for (const [name, value] of Object.entries(pageHeaders)) context.set(name, value)
  context.type = 'html'
  context.body = body
}

/** `form`: oidc-provider's own, without its button. */
const withButton = (form: string, label: string): string =>
  form.replace('</form>', `<button class="main">${label}</button></form>`)

export const devicePages = {
  async userCodeInputSource(context: Context, form: string, _out: unknown, error?: Error): Promise<void> {
    const asked =
      error === undefined
        ? 'Enter the code that your device shows.'
        : 'This code is not known, or is over. Enter it again.'
    show(context, formPage('Connect a device', asked, withButton(form, 'Continue')))
  },
  async userCodeConfirmSource(
    context: Context,
    form: string,
    _client: unknown,
    _device: unknown,
    userCode: string,
  ): Promise<void> {
    const cancel = '<button name="abort" value="yes">Cancel</button></form>'
    const both = withButton(form, 'Continue').replace('</form>', cancel)
    show(context, formPage('Connect a device', `Does your device show the code ${userCode}?`, both))
  },
  async successSource(context: Context): Promise<void> {
    show(context, messagePage('The device is connected', 'Go back to it; this page can be closed.'))
  },
}
