/** A client certificate (mutual TLS, RFC 8446 section 4.4.2): proves who calls inside the connection, not on requests. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { certificateOf, readPair, readPkcs12 } from './certificate.ts'
import { dots, everyRequest } from './description.ts'
import { keyText } from './pem.ts'
import { readPrompt } from './prompt.ts'
import { choice, preset } from './rules.ts'
import { defineScheme } from './scheme.ts'

const fields = z.strictObject({
  format: preset(choice(['pem', 'pkcs12']), 'pem').meta({
    title: 'Format',
    description: 'How whoever connects has the certificate.',
    form: {
      choices: {
        pem: ['PEM', 'A certificate and a key, as texts'],
        pkcs12: ['PKCS#12', 'One file (.p12, .pfx), written in base64'],
      },
    },
  }),
  certificateName: preset(field.parameterName, 'Client certificate').meta({
    title: 'Parameter Name',
    description: 'The label shown to whoever is asked for the certificate.',
  }),
})

const credential = z.object({
  cert: z.string().optional(),
  key: z.string().optional(),
  pkcs12: z.string().optional(),
  passphrase: z.string().optional(),
})

/** A certificate that ends sooner than this is worth a word. */
const soon = 30 * 86_400_000

export const mtls = defineScheme<z.output<typeof fields>, z.output<typeof credential>>({
  type: 'mtls',
  title: 'Client Certificate',
  summary: 'A certificate and its key prove who calls, inside TLS (mutual TLS).',
  fields,
  fixed: [{ name: 'location', title: 'Parameter Location', fixed: 'TLS connection', before: 'format' }],
  credential,
  scopes: false,
  flow: () => 'prompt',
  prompt: ({ format, certificateName: label }) =>
    format === 'pem'
      ? [
          { key: 'cert', label, secret: false, required: true, help: 'PEM, with the chain where the API wants it.' },
          {
            key: 'key',
            label: 'Private key',
            secret: true,
            required: false,
            help: 'PEM; empty where it stands above.',
          },
          {
            key: 'passphrase',
            label: 'Passphrase',
            secret: true,
            required: false,
            help: 'Only where the key has one.',
          },
        ]
      : [
          { key: 'pkcs12', label, secret: true, required: true, help: 'The file in base64.' },
          { key: 'passphrase', label: 'Passphrase', secret: true, required: false },
        ],
  read(definition, values, now) {
    const read = readPrompt(this.prompt(definition), values, keyText)
    if ('errors' in read) return read
    const { cert = '', key = '', pkcs12 = '', passphrase } = read.values
    const judged = definition.format === 'pem' ? readPair(cert, key, passphrase) : readPkcs12(pkcs12, passphrase)
    if ('fault' in judged) {
      const { part, message } = judged.fault
      return { errors: [{ path: part, code: 'invalid_format', message }] }
    }
    const { kept, endsAt } = judged
    if (endsAt !== null && endsAt <= now) {
      const message = `This certificate ended on ${day(endsAt)}. Connect with a current one.`
      return { errors: [{ path: definition.format === 'pem' ? 'cert' : 'pkcs12', code: 'expired', message }] }
    }
    const notes = endsAt !== null && endsAt - now < soon ? [`The certificate ends on ${day(endsAt)}.`] : []
    return { grant: { credential: kept, expiresAt: endsAt, grantedScopes: null, account: null, notes } }
  },
  apply: (_definition, kept) => ({
    inject({ url }) {
      if (url.protocol === 'https:') return
      throw new MooringError('validation_failed', {
        detail: 'A client certificate is shown inside TLS, and this URL is plain http.',
        hint: 'Call it by https.',
      })
    },
    certificate: certificateOf(kept),
    headers: [],
    parameters: [],
    bodyUse: 'none',
  }),
  describe: (_definition, outlook) => [everyRequest(outlook, { headers: [`(in TLS: client certificate ${dots})`] })],
})

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
