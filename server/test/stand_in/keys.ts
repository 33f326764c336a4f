/** Providers that take a credential which somebody brought: keys, basic, bearer, AWS signatures. */
import { createHash } from 'node:crypto'
import { verifySigV4 } from '@mooring/sandbox/testing'
import { z } from 'zod'
import { demand, type Facts, headerOf, type Provider, textAt } from './facts.ts'

/** A provider, and what to give when connecting. */
export interface Keyed {
  provider: Provider
  credentials: Record<string, string>
}

const noEndpoint = (): undefined => undefined

const KeyParameters = z.array(
  z.object({
    key: z.string(),
    location: z.enum(['query', 'form', 'header', 'cookie']),
    prefix: z.string().default(''),
  }),
)

export function keyProvider(facts: Facts): Keyed {
  const parameters = KeyParameters.parse(facts.auth['parameters'])
  const credentials = Object.fromEntries(parameters.map(({ key }, index) => [key, `key-${index}-of-${facts.id}`]))
  return {
    credentials,
    provider: {
      endpoint: noEndpoint,
      credential(received) {
        const form = new URLSearchParams(received.body)
        for (const { key, location, prefix } of parameters) {
          const due = prefix + credentials[key]
          const got =
            location === 'header'
              ? headerOf(received, key)
              : location === 'query'
                ? received.url.searchParams.getAll(key).join()
                : location === 'form'
                  ? form.getAll(key).join()
                  : headerOf(received, 'cookie')
          demand(got === due, `the ${location} ${key} is ${got}, not ${due}`)
        }
        const inHeader = parameters.some(
          ({ location, key }) => location === 'header' && key.toLowerCase() === 'authorization',
        )
        demand(inHeader || headerOf(received, 'authorization') === undefined, 'there is an Authorization header')
        return {
          parameters: parameters.filter(({ location }) => location === 'query').map(({ key }) => key),
          headers: parameters.filter(({ location }) => location === 'header').map(({ key }) => key),
        }
      },
    },
  }
}

const BasicParameters = z.array(
  z.object({ key: z.string(), fixed: z.string().optional(), suffix: z.string().optional() }),
)

export function basicProvider(facts: Facts): Keyed {
  const parts = BasicParameters.parse(facts.auth['parameters'])
  const value = ({ key, fixed }: (typeof parts)[number]): string => fixed ?? `${key}-of-${facts.id}`
  const asked = parts.filter(({ fixed }) => fixed === undefined)
  return {
    credentials: Object.fromEntries(asked.map((part) => [part.key, value(part)])),
    provider: {
      endpoint: noEndpoint,
      credential(received) {
        const [scheme, encoded = ''] = (headerOf(received, 'authorization') ?? '').split(' ')
        const due = parts.map((part) => value(part) + (part.suffix ?? '')).join(':')
        const got = Buffer.from(encoded, 'base64').toString()
        demand(scheme === 'Basic' && got === due, `Basic is ${got}, not ${due}`)
        return { parameters: [], headers: ['authorization'] }
      },
    },
  }
}

export function bearerProvider(facts: Facts): Keyed {
  const token = `token-of-${facts.id}`
  const prefix = textAt(facts, 'tokenPrefix') ?? 'Bearer'
  return {
    credentials: { token },
    provider: {
      endpoint: noEndpoint,
      credential(received) {
        const due = prefix === '' ? token : `${prefix} ${token}`
        const got = headerOf(received, 'authorization')
        demand(got === due, `Authorization is ${got}, not ${due}`)
        return { parameters: [], headers: ['authorization'] }
      },
    },
  }
}

export function signedProvider(facts: Facts): Keyed {
  const credentials = { accessKeyId: 'AKIASTANDIN', secretAccessKey: `secret-of-${facts.id}` }
  const region = textAt(facts, 'signingRegion') ?? textAt(facts, 'region') ?? facts.brought['region']
  return {
    credentials,
    provider: {
      endpoint: noEndpoint,
      credential({ method, target, headers, body }) {
        const bodySha256 = createHash('sha256').update(body).digest('hex')
        const secretOf = (id: string): { secretAccessKey: string } | undefined =>
          id === credentials.accessKeyId ? credentials : undefined
        const result = verifySigV4({ method, target, headers, bodySha256 }, secretOf, new Date())
        demand(result.ok, `the signature is wrong: ${JSON.stringify(result)}`)
        const due = `${region}/${textAt(facts, 'service')}`
        demand(
          `${result.region}/${result.service}` === due,
          `signed for ${result.region}/${result.service}, not ${due}`,
        )
        return { parameters: [], headers: ['authorization'] }
      },
    },
  }
}
