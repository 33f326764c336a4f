import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import {
  cookieValue,
  header,
  isConnectionHeader,
  isForm,
  percentEncode,
  setCookie,
  setHeader,
  setParameter,
  withParameter,
} from './request.ts'
import type { OutgoingRequest } from './scheme.ts'

function requestWith(...headers: string[]): OutgoingRequest {
  return { method: 'GET', url: new URL('https://api.example.com/'), headers, body: null }
}

function queryAfter(search: string, name: string, value: string): string {
  const url = new URL(`https://api.example.com/${search}`)
  setParameter(url, name, value)
  return url.search
}

describe('setHeader', () => {
  test('replaces every header of that name, whatever its case, and keeps the others in order', () => {
    const request = requestWith('Accept', '*/*', 'AUTHORIZATION', 'a', 'x-b', '1', 'authorization', 'b')
    setHeader(request, 'authorization', 'c')
    expect(request.headers).toEqual(['Accept', '*/*', 'x-b', '1', 'authorization', 'c'])
  })

  test.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0', '\x01', 'a\x7f', '\x85'])('S-37 refuses %j', (value) => {
    const request = requestWith('x-a', 'kept')
    expect(() => setHeader(request, 'x-a', value)).toThrow(MooringError)
    expect(request.headers).toEqual(['x-a', 'kept'])
  })

  test('says nothing of the value where it refuses', () => {
    expect(() => setHeader(requestWith(), 'x-a', 'planted\n')).toThrow(/^(?!.*planted)/)
  })

  test('writes characters beyond ASCII as UTF-8 octets', () => {
    const request = requestWith()
    setHeader(request, 'x-a', 'é ключ 🔑')
    expect(Buffer.from(header(request, 'x-a') ?? '', 'latin1').toString('utf8')).toBe('é ключ 🔑')
  })
})

describe('setCookie', () => {
  test('replaces the cookie of that name and keeps the others, in one header', () => {
    const request = requestWith('Cookie', 'a=1; sid=x;sidecar=2', 'cookie', ' sid = y ; flag')
    setCookie(request, 'sid', 'v')
    expect(request.headers).toEqual(['cookie', 'a=1; sidecar=2; flag; sid=v'])
  })

  test.each(['a;b=c', 'a b', 'a,b', 'a"b', 'a\\b', 'a\r\n', 'é'])('S-37 refuses %j', (value) => {
    expect(cookieValue.test(value)).toBe(false)
    expect(() => setCookie(requestWith(), 'sid', value)).toThrow(MooringError)
  })
})

describe('setParameter', () => {
  test.each([
    ['', '?key=v'],
    ['?', '?key=v'],
    ['?key', '?key=v'],
    ['?key=a&key=b', '?key=v'],
    ['?%6b%65%79=a', '?key=v'],
    ['?a=%7e+%20&b&&c=', '?a=%7e+%20&b&c=&key=v'],
    ['?KEY=a&keys=b', '?KEY=a&keys=b&key=v'],
    ['?%zz=1', '?%zz=1&key=v'],
  ])('changes %j to %j', (before, after) => {
    expect(queryAfter(before, 'key', 'v')).toBe(after)
  })

  test('finds a name that is written with + for a space', () => {
    expect(queryAfter('?my+key=a&my%20key=b', 'my key', 'v')).toBe('?my%20key=v')
  })

  test('lets no value end its parameter, its query or the line', () => {
    expect(queryAfter('', 'k', '&admin=1#\r\n')).toBe('?k=%26admin%3D1%23%0D%0A')
  })
})

test('percentEncode leaves unreserved characters alone and encodes all others (RFC 3986 section 2.3)', () => {
  expect(percentEncode("azAZ09-._~!*'()+ /ü")).toBe('azAZ09-._~%21%2A%27%28%29%2B%20%2F%C3%BC')
  expect(percentEncode('\ud800')).toBe('%EF%BF%BD')
})

test('withParameter keeps octets that are not UTF-8', () => {
  expect(withParameter('a=\xff&%ff=1', 'k', 'v')).toBe('a=\xff&%ff=1&k=v')
})

test.each([
  ['application/x-www-form-urlencoded', true],
  ['Application/X-WWW-Form-URLEncoded ; charset=utf-8', true],
  ['application/json', false],
  ['multipart/form-data; boundary=x', false],
  ['application/x-www-form-urlencoded-not', false],
])('isForm reads %j as %s', (type, expected) => {
  expect(isForm(requestWith('Content-Type', type))).toBe(expected)
  expect(isForm(requestWith())).toBe(false)
})

test('isConnectionHeader knows hop-by-hop and framing headers from others', () => {
  const names = [
    'host',
    'te',
    'content-length',
    'proxy-connection',
    'authorization',
    'x-host',
    'content-type',
    'mooring',
  ]
  expect(names.filter(isConnectionHeader)).toEqual(['host', 'te', 'content-length', 'proxy-connection'])
})
