import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge, listeners, parseAllow, type Refusal } from './address.ts'

function verdict(address: string, allow = '', port = 443, hostname = 'api.example.com'): 'allowed' | Refusal {
  return judge(address, port, hostname, { allow: parseAllow(allow), own: [] })
}

describe('judge', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
  ])('S-32 allows the global unicast address %s', (address) => {
    expect(verdict(address)).toBe('allowed')
  })

  test.each<[string, Refusal]>([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['0.1.2.3', 'loopback'],
    ['::', 'loopback'],
    ['10.0.0.1', 'private'],
    ['10.255.255.255', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fec0::1', 'private'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['192.0.0.8', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['198.19.255.255', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['239.255.255.255', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['2001:2::1', 'reserved'],
    ['2001:20::1', 'reserved'],
    ['3fff::1', 'reserved'],
    ['3fff:fff::1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['100::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['5f00::1', 'reserved'],
    ['::ffff:8.8.8.8', 'embedded IPv4'],
    ['::ffff:0:8.8.8.8', 'embedded IPv4'],
    ['::8.8.8.8', 'embedded IPv4'],
    ['64:ff9b::8.8.8.8', 'embedded IPv4'],
    ['64:ff9b:1::8.8.8.8', 'embedded IPv4'],
    ['2002:808:808::1', 'embedded IPv4'],
    ['2001:0:808:808::1', 'embedded IPv4'],
    ['2606:4700::5efe:8.8.8.8', 'embedded IPv4'],
    ['2606:4700::200:5efe:10.0.0.1', 'embedded IPv4'],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['169.254.169.253', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['not-an-address', 'not an address'],
    ['', 'not an address'],
    ['0177.0.0.1', 'not an address'],
    ['127.1', 'not an address'],
    ['2130706433', 'not an address'],
  ])('S-32 refuses %s as %s', (address, refusal) => {
    expect(verdict(address)).toBe(refusal)
  })

  test.each(['http://0x7f.1/', 'http://2130706433/', 'http://017700000001/', 'http://127.1/', 'http://0177.0.0.1/'])(
    'S-34 %s is 127.0.0.1 once parsed, and refused',
    (text) => {
      const { hostname } = new URL(text)
      expect(hostname).toBe('127.0.0.1')
      expect(verdict(hostname, '', 80, hostname)).toBe('loopback')
    },
  )

  test('S-32 every private IPv4 address is refused, also in every IPv6 spelling that carries it', () => {
    const nets: [number, number][] = [
      [0x7f00_0000, 8],
      [0x0a00_0000, 8],
      [0xac10_0000, 12],
      [0xc0a8_0000, 16],
      [0xa9fe_0000, 16],
      [0x6440_0000, 10],
      [0x0000_0000, 8],
      [0xe000_0000, 4],
      [0xf000_0000, 4],
    ]
    const host = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(fc.constantFrom(...nets), host, ([net, length], random) => {
        const value = (net | (random & (0xffff_ffff >>> length))) >>> 0
        const [a = 0, b = 0, c = 0, d = 0] = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)
        const dotted = `${a}.${b}.${c}.${d}`
        const hex = (...bytes: number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
        const [high, low] = [hex(a, b), hex(c, d)]
        const spellings = [
          dotted,
          `::${dotted}`,
          `::${high}:${low}`,
          `::ffff:${dotted}`,
          `0:0:0:0:0:FFFF:${high}:${low}`,
          `::ffff:0:${dotted}`,
          `64:ff9b::${dotted}`,
          `64:ff9b:1::${dotted}`,
          `64:ff9b:1:${high}:${hex(0, c)}:${hex(d, 0)}::`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::1`,
          `2001:0:808:808:0:0:${hex(a ^ 255, b ^ 255)}:${hex(c ^ 255, d ^ 255)}`,
          `2606:4700:1::5efe:${dotted}`,
        ]
        expect(spellings.filter((address) => verdict(address) === 'allowed')).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '192.168.0.0/16, 10.1.2.3'],
    ['127.0.0.1', '127.0.0.0/8'],
    ['::1', '::1'],
    ['fd12::1', 'fd00::/8'],
    ['::ffff:10.0.0.1', '::ffff:0:0/96'],
    ['64:ff9b::808:808', '64:ff9b::/96'],
  ])('S-32 allows %s under %s', (address, allow) => {
    expect(verdict(address, allow)).toBe('allowed')
  })

  test.each([
    ['10.1.2.3', '10.1.2.4'],
    ['::ffff:10.0.0.1', '10.0.0.0/8'],
    ['64:ff9b::a00:1', '10.0.0.0/8'],
    ['172.16.0.1', 'fd00::/8'],
  ])('S-32 refuses %s although %s is allowed', (address, allow) => {
    expect(verdict(address, allow)).not.toBe('allowed')
  })

  test('S-32 metadata addresses stay refused under a wider network and for a name, in every spelling', () => {
    const everything = '0.0.0.0/0 ::/0 api.example.com:80'
    const spellings = [
      '169.254.169.254',
      '169.254.170.2',
      '169.254.170.23',
      '169.254.169.253',
      '100.100.100.200',
      '168.63.129.16',
      '192.0.0.192',
      'fd00:ec2::254',
      'fd00:ec2:0:0:0:0:0:23',
      'fd20:ce::254',
      'fe80::a9fe:a9fe%2',
      '::ffff:169.254.169.254',
      '::a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1:a9fe:a9:fe00::',
      '2002:a9fe:a9fe::1',
      '2001:0:808:808::5601:5601',
    ]
    expect(spellings.filter((address) => verdict(address, everything, 80) !== 'metadata')).toEqual([])
  })

  test('S-32 a metadata address named exactly with its port is allowed on that port only', () => {
    const allow = '169.254.169.254:80 [fd00:ec2::254]:80 169.254.170.2'
    expect(verdict('169.254.169.254', allow, 80)).toBe('allowed')
    expect(verdict('fd00:ec2:0::254', allow, 80)).toBe('allowed')
    expect(verdict('169.254.169.254', allow, 81)).toBe('metadata')
    expect(verdict('169.254.169.253', allow, 80)).toBe('metadata')
    expect(verdict('169.254.170.2', allow, 80)).toBe('metadata')
  })

  test('S-32 a host:port pair allows exactly itself', () => {
    const allow = 'DB.Internal.:8080, 10.0.0.7:9000, [::1]:80'
    expect(verdict('10.0.0.1', allow, 8080, 'db.internal')).toBe('allowed')
    expect(verdict('10.0.0.1', allow, 8080, 'db.internal.')).toBe('allowed')
    expect(verdict('10.0.0.1', allow, 8081, 'db.internal')).toBe('private')
    expect(verdict('10.0.0.1', allow, 8080, 'x.db.internal')).toBe('private')
    expect(verdict('10.0.0.7', allow, 9000, 'any.example.com')).toBe('allowed')
    expect(verdict('10.0.0.7', allow, 8080, '10.0.0.7')).toBe('private')
    expect(verdict('::1', allow, 80, '::1')).toBe('allowed')
    expect(verdict('::1', allow, 81, '::1')).toBe('loopback')
  })

  test('S-33 a name that is allowed on no port does not skip the address rule', () => {
    expect(verdict('10.0.0.1', 'other.example.com:443', 443, 'api.example.com')).toBe('private')
  })
})

describe('own addresses', () => {
  const interfaces = ['127.0.0.1', '192.0.2.50', '8.8.4.4', 'fe80::5%eth0']
  const own = (host: string, address: string, allow: string, port = 4280): 'allowed' | Refusal =>
    judge(address, port, 'name.test', { allow: parseAllow(allow), own: listeners([{ host, port: 4280 }], interfaces) })
  const all = '0.0.0.0/0 ::/0 name.test:4280'

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['192.0.2.50', '192.0.2.50'],
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '127.8.8.8'],
    ['0.0.0.0', '192.0.2.50'],
    ['0.0.0.0', '8.8.4.4'],
    ['::', '8.8.4.4'],
    ['::', '::1'],
    ['::', 'fe80::5'],
    ['[::1]', '::1'],
    ['localhost', '127.0.0.1'],
  ])('S-32 listening on %s refuses %s on that port even when everything is allowed', (host, address) => {
    expect(own(host, address, all)).toBe('own address')
    expect(own(host, address, all, 4281)).toBe('allowed')
  })

  test('S-32 an own public address is refused without any allow entry', () => {
    expect(own('0.0.0.0', '8.8.4.4', '')).toBe('own address')
    expect(own('0.0.0.0', '8.8.8.8', '')).toBe('allowed')
  })

  test('S-32 an own address named exactly with its port is allowed', () => {
    expect(own('127.0.0.1', '127.0.0.1', '127.0.0.1:4280')).toBe('allowed')
  })
})

describe('parseAllow', () => {
  test('reads nothing as nothing allowed', () => {
    expect(parseAllow(' , ')).toEqual({ networks: [], endpoints: new Set() })
  })

  test('reads networks, addresses and pairs between commas and spaces', () => {
    const allow = parseAllow('10.0.0.0/8, fd00::/8 192.168.1.1,::1\n db.internal:5432 [::1]:80 10.0.0.7:8443')
    expect(allow.networks.map(([base, length]) => `${base.toString()}/${length}`)).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '192.168.1.1/32',
      '::1/128',
    ])
    expect([...allow.endpoints]).toEqual(['db.internal:5432', '::1:80', '10.0.0.7:8443'])
  })

  test.each([
    'db.internal',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.0/',
    '010.0.0.0/8',
    'db.internal:0',
    'db.internal:99999',
    '*.internal.example:80',
    'http://db.internal:80',
    'db.internal/8',
    '[::1]',
  ])('names the wrong entry %s', (entry) => {
    expect(() => parseAllow(`10.0.0.0/8 ${entry}`)).toThrow(`"${entry}"`)
  })
})
