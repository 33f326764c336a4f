/** The field that says which values connecting takes from the provider into placeholders (S-15). */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { choice, optional, preset } from '../rules.ts'
import { section } from './field.ts'

const name = field.text({
  max: 200,
  all: [/^[\x21-\x7e]*$/, 'Use printable ASCII characters without spaces.'],
})

const to = field.text({
  max: 50,
  first: [/^[A-Za-z]/, 'Start with a letter (A to Z).'],
  all: [/^[A-Za-z0-9_]*$/, 'Use the letters A to Z, digits and _ only.'],
})

const pattern = field.text({
  max: 1000,
  check: (value) => {
    try {
      void new RegExp(value, 'u')
      return undefined
    } catch {
      return {
        code: 'invalid_format',
        message: 'Write a regular expression, such as ^https://api\\.(eu|us)\\.example\\.com$.',
      }
    }
  },
})

const rule = z.strictObject({
  from: preset(choice(['callback', 'token', 'lookup']), 'token').meta({
    title: 'From',
    form: { choices: { callback: 'The callback', token: 'The token answer', lookup: 'A lookup with the new token' } },
  }),
  url: optional(field.endpointUrl).meta({
    title: 'Lookup URL',
    description: 'Called with GET and the new token.',
    form: { kind: 'url', shownWhen: { field: 'from', in: ['lookup'] }, example: 'https://api.example.com/oauth/info' },
  }),
  name: name.meta({
    title: 'Name There',
    description: 'A parameter of the callback, or a dot path into the answer, such as accounts.0.id.',
    form: { example: 'instance_url' },
  }),
  to: to.meta({ title: 'Placeholder', description: 'Used as {placeholder}.', form: { example: 'instanceUrl' } }),
  pattern: optional(pattern).meta({
    title: 'Pattern',
    description: 'A regular expression that the whole value must match. Write out the domains it may name.',
    form: { required: true, example: '^https://[a-z0-9-]+\\.my\\.example\\.com$' },
  }),
  optional: preset(z.boolean(), false).meta({
    title: 'Optional',
    description: 'Connecting goes on where the provider does not send it.',
  }),
})

export type LearnRule = z.output<typeof rule>

export const learnField = preset(z.array(rule).max(20), []).meta({
  title: 'Learn',
  description:
    'Values that the provider sends while somebody connects, taken into placeholders for URLs, hosts, headers and parameters.',
  advanced: true,
  form: { section },
})
