import { expect, test } from 'vitest'
import { machineAddresses } from './machine.ts'

test('tells every address', () => {
  const told = { netmask: '', mac: '', internal: false, cidr: null }
  expect(
    machineAddresses(() => ({
      eth0: [
        { address: '10.0.0.7', family: 'IPv4', ...told },
        { address: 'fe80::1', family: 'IPv6', scopeid: 2, ...told },
      ],
      gone: undefined,
    })),
  ).toEqual(['10.0.0.7', 'fe80::1'])
})

test('says what a sandbox must allow', () => {
  const refused = (): never => {
    throw new Error('uv_interface_addresses returned Unknown system error 97')
  }
  expect(() => machineAddresses(refused)).toThrow(/^The addresses of this machine cannot be read.*AF_NETLINK/)
})
