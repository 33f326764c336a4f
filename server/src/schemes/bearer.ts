/** Bearer token (R-190 … R-195): one token, in the Authorization header, behind an optional prefix. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import { defineScheme } from './scheme.ts'
import { setHeader } from './request.ts'

const fields = z.strictObject({
  parameterName: field.parameterName
    .default('Bearer Token')
    .meta({ title: 'Parameter Name', description: 'The label shown to whoever is asked for the token.' }),
  tokenPrefix: field.tokenPrefix
    .default('Bearer')
    .meta({ title: 'Token Prefix', description: 'Put before the token with a space between; empty for none.' }),
})

const credential = z.object({ token: z.string() })

export const bearer = defineScheme<z.output<typeof fields>, z.output<typeof credential>>({
  type: 'bearer',
  title: 'Bearer Token',
  summary: 'One token, sent in the Authorization header.',
  fields,
  fixed: [
    { name: 'location', title: 'Parameter Location', fixed: 'Header', before: 'parameterName' },
    { name: 'key', title: 'Parameter Key', fixed: 'Authorization', before: 'parameterName' },
  ],
  credential,
  scopes: false,
  flow: () => 'prompt',
  prompt: (definition) => [{ key: 'token', label: definition.parameterName, secret: true, required: true }],
  read(definition, values) {
    const read = readPrompt(this.prompt(definition), values, field.unicodeCredential)
    if ('errors' in read) return read
    return {
      grant: {
        credential: { token: read.values['token'] ?? '' },
        expiresAt: null,
        grantedScopes: null,
        account: null,
        notes: [],
      },
    }
  },
  apply(definition, { token }) {
    const prefix = definition.tokenPrefix.trimEnd()
    const value = prefix === '' ? token : `${prefix} ${token}`
    return {
      inject: (request) => setHeader(request, 'authorization', value),
      headers: ['authorization'],
      parameters: [],
      bodyUse: 'none',
    }
  },
  describe({ tokenPrefix = 'Bearer' }, outlook) {
    const prefix = tokenPrefix.trimEnd()
    return [everyRequest(outlook, { headers: [`Authorization: ${prefix === '' ? '' : `${prefix} `}${dots}`] })]
  },
})
