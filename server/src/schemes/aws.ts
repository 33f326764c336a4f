/** AWS keys (R-200 … R-203): every request signed with Signature Version 4. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { prepareInjector, wantsPayloadHash } from './aws/inject.ts'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import { defineScheme, type Explanation, type RefusedCall } from './scheme.ts'

const fields = z.strictObject({
  service: field.awsService.meta({
    title: 'AWS Service Name',
    description: 'The exact name that AWS signs the service under, such as s3 or execute-api.',
    form: { example: 's3' },
  }),
  region: field.awsRegion.meta({
    title: 'AWS Region',
    description: 'As AWS writes it, such as us-east-1; aws-global for services without regions.',
    form: { example: 'us-east-1' },
  }),
  signingRegion: field
    .text({ max: 64, all: [/^[a-z0-9{}A-Z-]*$/, 'Use small letters, digits and hyphens, such as auto or fr-par.'] })
    .nullable()
    .default(null)
    .meta({
      title: 'Signing Region',
      description:
        'Where a store that speaks like AWS has regions of its own: what is signed in the place of the AWS Region.',
      advanced: true,
      form: { example: 'auto' },
    }),
})

/** What the signature names. */
function signed({ service, region, signingRegion }: z.output<typeof fields>): { service: string; region: string } {
  return { service, region: signingRegion ?? region }
}

const credential = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
})

export const aws = defineScheme<z.output<typeof fields>, z.output<typeof credential>>({
  type: 'aws',
  title: 'AWS Signature',
  summary: 'An access key and a secret key that sign every request, as AWS and S3-compatible stores ask.',
  fields,
  credential,
  scopes: false,
  flow: () => 'prompt',
  prompt: () => [
    { key: 'accessKeyId', label: 'Access Key ID', secret: false, required: true },
    { key: 'secretAccessKey', label: 'Secret Access Key', secret: true, required: true },
    {
      key: 'sessionToken',
      label: 'Session Token',
      secret: true,
      required: false,
      help: 'Only for temporary keys; their access key ID starts with ASIA.',
    },
  ],
  read(definition, values) {
    const read = readPrompt(this.prompt(definition), values, field.credential)
    if ('errors' in read) return read
    const { accessKeyId = '', secretAccessKey = '', sessionToken } = read.values
    const notes =
      sessionToken !== undefined
        ? ['The keys are temporary; AWS does not say until when.']
        : accessKeyId.startsWith('ASIA')
          ? ['The access key looks temporary (ASIA…), and there is no session token.']
          : []
    return {
      grant: {
        credential: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
        expiresAt: null,
        grantedScopes: null,
        account: null,
        notes,
      },
    }
  },
  headerNames: () => ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'],
  apply: (definition, keys) => ({
    inject: prepareInjector(signed(definition), keys),
    headers: [
      'authorization',
      'x-amz-date',
      ...(keys.sessionToken === undefined ? [] : ['x-amz-security-token']),
      ...(wantsPayloadHash(definition.service) ? ['x-amz-content-sha256'] : []),
    ],
    parameters: [],
    bodyUse: 'bytes',
  }),
  explain,
  describe: ({ service = '<AWS Service Name>', region: own = '<AWS Region>', signingRegion }, outlook) => {
    const region = signingRegion ?? own
    return [
      everyRequest(outlook, {
        headers: [
          `Authorization: AWS4-HMAC-SHA256 Credential=${dots}/yyyymmdd/${region === 'aws-global' ? 'us-east-1' : region}/${service}/aws4_request, SignedHeaders=…, Signature=${dots}`,
          'X-Amz-Date: yyyymmddThhmmssZ',
          `X-Amz-Security-Token: ${dots} (temporary keys only)`,
          ...(wantsPayloadHash(service) ? ["X-Amz-Content-Sha256: the body's SHA-256"] : []),
        ],
      }),
    ]
  },
})

/** The error codes of AWS (JSON and XML alike name them) and of stores that speak like it. */
function explain({ headers, text }: RefusedCall, now: number): Explanation | undefined {
  const unsigned = 'AWS did not accept the signature'
  if (/RequestTimeTooSkewed|RequestExpired|Signature (?:expired|not yet current)/.test(text)) {
    const theirs = Date.parse(headers.get('date') ?? '')
    const minutes = Math.round(Math.abs(now - theirs) / 60_000)
    const off = Number.isNaN(minutes) ? 'off' : `${minutes} min off`
    return { title: unsigned, hint: `This server's clock is ${off}, and signatures carry the time: set the clock.` }
  }
  if (/SignatureDoesNotMatch|InvalidSignature/.test(text))
    return {
      title: unsigned,
      hint: 'Check the Secret Access Key, and the AWS Service Name and AWS Region of the service.',
    }
  if (/InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClient/.test(text))
    return { title: 'AWS does not know this Access Key ID', hint: 'Check the Access Key ID; it may have been deleted.' }
  if (/ExpiredToken/.test(text))
    return { title: 'The Session Token has expired', hint: 'Temporary keys live for hours at most: enter new ones.' }
  return undefined
}
