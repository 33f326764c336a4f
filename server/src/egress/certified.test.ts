import type { RequestListener } from 'node:http'
import { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { parseAllow } from './address.ts'
import type { ClientCertificate } from './agent.ts'
import { pkcs12, selfSigned } from './certificate.fixture.ts'
import { createCertified } from './certified.ts'
import { mapError } from './errors.ts'
import { answers, failure, get, makeEgress, serveTls, serveTrusted, watchConnects } from './servers.fixture.ts'

const server = selfSigned(['api.example.com'], new Date())
const alice = selfSigned(['alice'], new Date())
const bob = selfSigned(['bob'], new Date())
const stranger = selfSigned(['stranger'], new Date())
const ended = selfSigned(['ended'], new Date(Date.now() - 172_800_000))

/** Says whose certificate it was shown. */
const whose: RequestListener = (request, response) => {
  const { socket } = request
  response.end(socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subjectAltName : 'no TLS')
}

function shown(pair: { key: string; cert: string }, id: string): ClientCertificate {
  return { id, cert: pair.cert, key: pair.key }
}

const trusting = (): Promise<number> => serveTrusted(server, [alice.cert, bob.cert, ended.cert], whose)
const egressTo = (allow = '127.0.0.1') =>
  makeEgress({ ca: server.cert, resolve: answers(['127.0.0.1']).resolve, allow: parseAllow(allow) })
const text = ({ body }: { body: Uint8Array }): string => Buffer.from(body).toString()

describe('a client certificate', () => {
  test('is shown to a server that asks for one, as PEM and as PKCS#12', async () => {
    const url = `https://api.example.com:${await trusting()}/`
    const egress = egressTo()
    expect(text(await get(egress, url, { certificate: shown(alice, 'a') }))).toBe('DNS:alice')
    const pfx = Buffer.from(pkcs12(bob, 'opens it'), 'base64')
    expect(text(await get(egress, url, { certificate: { id: 'b', pfx, passphrase: 'opens it' } }))).toBe('DNS:bob')
  })

  test('has connections of its own: none is shared with another certificate, or with none', async () => {
    const port = await trusting()
    const egress = egressTo()
    const url = `https://api.example.com:${port}/`
    const certificates = [shown(alice, 'a'), shown(bob, 'b')]
    const seen: string[] = []
    for (const certificate of [...certificates, ...certificates])
      seen.push(text(await get(egress, url, { certificate })))
    expect(seen).toEqual(['DNS:alice', 'DNS:bob', 'DNS:alice', 'DNS:bob'])
    expect(await failure(get(egress, url))).toMatchObject({ code: 'upstream_unreachable' })
  })

  test('that the server does not trust, or that has ended, is of no use', async () => {
    const url = `https://api.example.com:${await trusting()}/`
    const egress = egressTo()
    for (const [pair, id] of [
      [stranger, 's'],
      [ended, 'e'],
    ] as const) {
      const error = await failure(get(egress, url, { certificate: shown(pair, id) }))
      expect(error).toMatchObject({ code: 'upstream_unreachable' })
    }
  })

  test.each([
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  ])('that a server refuses in words is told as one: %s', (code) => {
    const said = mapError(Object.assign(new Error('alert'), { code }), 'api.example.com')
    expect(said).toMatchObject({ code: 'upstream_unreachable', reason: 'client certificate' })
  })

  test('that cannot be read is refused before any socket, without its words', async () => {
    const tried = watchConnects()
    const certificate = { id: 'x', cert: alice.cert, key: bob.key }
    const error = await failure(get(egressTo(), 'https://api.example.com/', { certificate }))
    expect(error).toMatchObject({ code: 'request_invalid', reason: 'client certificate' })
    expect(error.message).not.toContain('BEGIN')
    expect(tried).toEqual([])
  })

  test('S-31, S-32 skips no judgement of the address and none of the server', async () => {
    const port = await trusting()
    const certificate = shown(alice, 'a')
    const blocked = await failure(get(egressTo(''), `https://api.example.com:${port}/`, { certificate }))
    expect(blocked).toMatchObject({ code: 'egress_blocked', reason: 'loopback' })
    const other = await serveTls(stranger, whose)
    const untrusted = await failure(get(egressTo(), `https://api.example.com:${other}/`, { certificate }))
    expect(untrusted).toMatchObject({ code: 'upstream_unreachable', reason: 'certificate' })
  })
})

describe('agents of certificates', () => {
  test('are bounded, the one unused longest gives way, and idle ones are closed', async () => {
    let now = 0
    const options = { allow: parseAllow(''), own: () => [], agents: 2, now: () => now }
    const certified = createCertified(options)
    const agentOf = (id: string) => certified.agentFor(shown(alice, id))
    const first = agentOf('1')
    const second = agentOf('2')
    expect(agentOf('1')).toBe(first)
    agentOf('3')
    expect([certified.size(), second.closed, first.closed]).toEqual([2, true, false])
    expect(agentOf('1')).toBe(first)
    now = 400_000
    agentOf('4')
    expect([certified.size(), first.closed]).toEqual([1, true])
    await certified.close()
    expect(certified.size()).toBe(0)
  })
})
