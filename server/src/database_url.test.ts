import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from './database_url.ts'

describe('a database URL', () => {
  test('names hosts, ports, a user, a password and a database', () => {
    expect(parseDatabaseUrl('postgres://us%40er:p%3Aa%2Fss@db.example.com:5433/moor%20ing')).toMatchObject({
      hosts: [{ host: 'db.example.com', port: 5433 }],
      user: 'us@er',
      password: 'p:a/ss',
      database: 'moor ing',
      applicationName: 'mooring',
      options: undefined,
      shown: 'postgres://us%40er:***@db.example.com:5433/moor%20ing',
    })
  })

  test('may name several hosts, addresses, a folder of sockets, and no password', () => {
    expect(parseDatabaseUrl('postgresql://u@a,[::1]:6000,b:7000/x?target_session_attrs=read-write')).toMatchObject({
      hosts: [
        { host: 'a', port: 5432 },
        { host: '::1', port: 6000 },
        { host: 'b', port: 7000 },
      ],
      password: undefined,
    })
    const socket = { hosts: [{ host: '/var/run/postgresql', port: 5432 }], tls: 'off', user: 'u' }
    expect(parseDatabaseUrl('postgres:///x?host=/var/run/postgresql&user=u')).toMatchObject(socket)
    expect(parseDatabaseUrl('postgres://u@%2Fvar%2Frun%2Fpostgresql/x')).toMatchObject(socket)
    expect(parseDatabaseUrl('postgres://u@/x?host=a,b&port=6000,7000').hosts).toEqual([
      { host: 'a', port: 6000 },
      { host: 'b', port: 7000 },
    ])
  })

  test.each([
    ['', 'wanted'],
    ['sslmode=disable', 'off'],
    ['sslmode=allow', 'wanted'],
    ['sslmode=prefer', 'wanted'],
    ['sslmode=require', 'on'],
    ['sslmode=verify-ca', 'authority'],
    ['sslmode=verify-full', 'full'],
    ['sslmode=verify-full&sslrootcert=system', 'full'],
  ] as const)('with %j uses TLS: %s', (query, tls) => {
    expect(parseDatabaseUrl(`postgres://u:p@db.example.com/x?${query}`).tls).toBe(tls)
  })

  test('uses TLS on this machine where it is asked for, and not else', () => {
    expect(parseDatabaseUrl('postgres://u:p@localhost/x').tls).toBe('off')
    expect(parseDatabaseUrl('postgres://u:p@127.0.0.1,[::1]/x').tls).toBe('off')
    expect(parseDatabaseUrl('postgres://u:p@127.0.0.1,db/x').tls).toBe('wanted')
    expect(parseDatabaseUrl('postgres://u:p@localhost/x?sslmode=require').tls).toBe('on')
  })

  test('is shown without what is secret in it', () => {
    const shown = (url: string) => parseDatabaseUrl(url).shown
    expect(shown('postgres://u:s3cret@a,b/x')).toBe('postgres://u:***@a,b/x')
    expect(shown('postgres://u:s3c@ret@a/x')).toBe('postgres://u:***@a/x')
    expect(shown('postgres://u@a/x?password=s3cret&sslmode=require')).toBe(
      'postgres://u@a/x?password=***&sslmode=require',
    )
    expect(shown('postgres://a/x?user=u&password=s3cret')).toBe('postgres://u@a/x')
  })
})
