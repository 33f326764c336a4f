// A self-signed certificate made on the spot, so that no key lies in the repository. Tests only.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** An Ed25519 key and a certificate (RFC 5280, RFC 8410) for the DNS names, valid from 1 h ago for 24 h; both PEM. */
export function selfSigned(names: readonly string[], now: Date): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = sequence(der(0x06, Buffer.from([0x2b, 0x65, 0x70])))
  const commonName = sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from('test')))
  const name = sequence(der(0x31, commonName))
  const altNames = sequence(...names.map((dns) => der(0x82, Buffer.from(dns))))
  const subjectAltName = sequence(der(0x06, Buffer.from([0x55, 0x1d, 0x11])), der(0x04, altNames))

  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ed25519,
    name,
    sequence(time(new Date(now.getTime() - 3_600_000)), time(new Date(now.getTime() + 82_800_000))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign(null, toBeSigned, privateKey)])
  const cert = sequence(toBeSigned, ed25519, der(0x03, signature)).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

/** GeneralizedTime. */
function time(instant: Date): Buffer {
  return der(0x18, Buffer.from(`${instant.toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
}
