/** AWS keys (R-200 … R-203): every request signed with Signature Version 4. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { type Keys, prepareInjector, wantsPayloadHash } from './aws/inject.ts'
import { assumeRole, assumeRoleForm, type Role, stsUrlOf } from './aws/role.ts'
import { MooringError } from '../errors.ts'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import { formType } from './request.ts'
import { defineScheme, type Exchange, type Explanation, type Grant, type RefusedCall } from './scheme.ts'

/** A field that may be left out, by an empty text too, and is then not there. */
function spare<Rule extends z.ZodType>(rule: Rule) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), rule.optional()).optional()
}

/** What AWS takes in names around a role, and the braces of a connection's parameters. */
const roleText = (min: number, max: number) =>
  field.text({ min, max, all: [/^[\w+=,.@:/{}-]*$/, 'Use letters, digits and _ + = , . @ : / - only.'] })

const isPolicy = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

/** The heading of the form under which a role is described. */
const section = 'Assumed role'

const fields = z.strictObject({
  service: field.awsService.meta({
    title: 'AWS Service Name',
    description: 'The exact name that AWS signs the service under, such as s3 or execute-api.',
    form: { example: 's3' },
  }),
  region: spare(field.awsRegion).meta({
    title: 'AWS Region',
    description: 'As AWS writes it, such as us-east-1; aws-global for services without regions.',
    form: { required: true, example: 'us-east-1' },
  }),
  signingRegion: spare(
    field.text({
      max: 64,
      all: [
        /^([a-z0-9-]|\{[A-Za-z][A-Za-z0-9_]*\})*$/,
        'Use small letters, digits and hyphens, such as auto or fr-par.',
      ],
    }),
  ).meta({
    title: 'Signing Region',
    description: 'For stores that speak like S3 and name regions in their own way: signed with in place of AWS Region.',
    advanced: true,
    form: { example: 'auto' },
  }),
  roleArn: spare(
    roleText(1, 2048).refine((text) => /^(arn:|\{)/.test(text), { error: 'An ARN begins with arn:aws:iam::.' }),
  ).meta({
    title: 'Role ARN',
    description:
      'Where set, the keys assume this role, and calls are signed with the temporary keys it gives. A {parameter} of the connection may stand in it.',
    advanced: true,
    form: { section, example: 'arn:aws:iam::{accountId}:role/reader' },
  }),
  externalId: spare(roleText(2, 1224)).meta({
    title: 'External ID',
    description: "What the role's trust policy asks for, if anything.",
    advanced: true,
    form: { section },
  }),
  sessionName: spare(roleText(2, 64)).meta({
    title: 'Session Name',
    description: "How the calls are called in the account's own log. Empty: mooring.",
    advanced: true,
    form: { section, example: 'mooring' },
  }),
  durationSeconds: spare(field.wholeNumber(900, 43_200, 'seconds')).meta({
    title: 'Duration',
    description: 'How long temporary keys live, no longer than the role allows. Empty: an hour.',
    advanced: true,
    form: { section, unit: 'seconds' },
  }),
  policy: spare(field.text({ max: 2048 }).refine(isPolicy, { error: 'Write the policy as JSON.' })).meta({
    title: 'Session Policy',
    description: 'Narrows what the temporary keys may do, as JSON.',
    advanced: true,
    form: { section },
  }),
  stsUrl: spare(field.baseUrl).meta({
    title: 'STS URL',
    description: 'Where the role is asked for. Empty: the endpoint of the region.',
    advanced: true,
    form: { section, kind: 'url', example: 'https://sts.eu-west-1.amazonaws.com/' },
  }),
})
type Definition = z.output<typeof fields>

const credential = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
  /** What the role gave, where there is one; the keys above ask for the next. */
  role: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }).optional(),
})
type Credential = z.output<typeof credential>

function regionOf({ signingRegion, region }: Partial<Definition>): string {
  return signingRegion ?? region ?? '<AWS Region>'
}

function roleOf(definition: Partial<Definition>): Role | undefined {
  const { roleArn, ...rest } = definition
  return roleArn === undefined ? undefined : { ...rest, roleArn, region: regionOf(definition) }
}

async function assume(role: Role, keys: Credential, exchange: Exchange): Promise<Grant<Credential>> {
  const assumed = await assumeRole(role, keys, exchange)
  return {
    credential: { ...keys, role: assumed.keys },
    expiresAt: assumed.endsAt,
    grantedScopes: null,
    account: assumed.account,
    notes: [],
  }
}

function notAssumed(): never {
  throw new MooringError('connection_not_active', {
    detail: 'The role has not been assumed yet.',
    hint: 'Connect again.',
  })
}

export const aws = defineScheme<Definition, Credential>({
  type: 'aws',
  title: 'AWS Signature',
  summary: 'An access key and a secret key that sign every request, as AWS and S3-compatible stores ask.',
  fields,
  credential,
  scopes: false,
  check: ({ region, signingRegion }, stage) =>
    stage === 'ready' && region === undefined && signingRegion === undefined
      ? [{ path: 'region', code: 'required', message: 'Fill this in.' }]
      : [],
  endpoints: ({ stsUrl }): Record<string, string> => (stsUrl === undefined ? {} : { stsUrl }),
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
  complete: async (definition, keys, _scopes, exchange) => {
    const role = roleOf(definition)
    return role === undefined ? null : assume(role, keys, exchange)
  },
  refreshable: ({ roleArn }) => roleArn !== undefined,
  async refresh(definition, keys, _scopes, exchange) {
    const role = roleOf(definition)
    if (role !== undefined) return assume(role, keys, exchange)
    throw new MooringError('reauthorization_required', {
      detail: 'These keys are not renewed.',
      hint: 'Connect again.',
    })
  },
  apply(definition, keys) {
    const target = { service: definition.service, region: regionOf(definition) }
    const assumed = definition.roleArn !== undefined
    const signing: Keys | undefined = assumed ? keys.role : keys
    return {
      inject: signing === undefined ? notAssumed : prepareInjector(target, signing),
      headers: [
        'authorization',
        'x-amz-date',
        ...(!assumed && keys.sessionToken === undefined ? [] : ['x-amz-security-token']),
        ...(wantsPayloadHash(definition.service) ? ['x-amz-content-sha256'] : []),
      ],
      parameters: [],
      bodyUse: 'bytes',
    }
  },
  explain,
  describe: ({ service = '<AWS Service Name>', ...given }, outlook) => {
    const region = regionOf(given)
    const role = roleOf(given)
    return [
      ...(role === undefined
        ? []
        : [
            {
              title: 'Role request',
              lines: [
                `POST ${role.stsUrl ?? stsUrlOf(region)}`,
                `Authorization: AWS4-HMAC-SHA256 Credential=${dots}/yyyymmdd/…/sts/aws4_request, SignedHeaders=…, Signature=${dots}`,
                `Content-Type: ${formType}`,
                '',
                decodeURIComponent(assumeRoleForm(role)),
              ],
            },
          ]),
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
