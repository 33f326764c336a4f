// A self-signed certificate made on the spot, so that no key lies in the repository. Tests only.
import { createHash, createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** An Ed25519 key and a certificate (RFC 5280, RFC 8410) for the DNS names, called after the first, valid from 1 h ago for 24 h; both PEM. */
export function selfSigned(names: readonly string[], now: Date): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = sequence(der(0x06, Buffer.from([0x2b, 0x65, 0x70])))
  const commonName = sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(names[0] ?? 'test')))
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
  const cert = sequence(toBeSigned, ed25519, der(0x03, signature))
    .toString('base64')
    .replace(/.{64}(?!$)/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  }
}

/** Both in one PKCS#12 (RFC 7292), in base64: not encrypted, and sealed by the passphrase with SHA-256. */
export function pkcs12({ key, cert }: { key: string; cert: string }, passphrase: string): string {
  const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
  const data = (content: Buffer): Buffer => sequence(oid('2a864886f70d010701'), der(0xa0, der(0x04, content)))
  const certificate = Buffer.from(cert.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const bags = sequence(
    sequence(oid('2a864886f70d010c0a0101'), der(0xa0, createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }))),
    sequence(
      oid('2a864886f70d010c0a0103'),
      der(0xa0, sequence(oid('2a864886f70d01091601'), der(0xa0, der(0x04, certificate)))),
    ),
  )
  const safe = sequence(data(bags))
  const salt = randomBytes(8)
  // Appendix B.2, one turn: 64 bytes of the purpose (3: a MAC key), then salt and passphrase, each to whole 64 bytes.
  const repeated = (bytes: Buffer): Buffer =>
    Buffer.alloc(Math.ceil(bytes.length / 64) * 64, bytes.length === 0 ? undefined : bytes)
  const words = Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
  const macKey = createHash('sha256')
    .update(Buffer.concat([Buffer.alloc(64, 3), repeated(salt), repeated(words)]))
    .digest()
  const mac = createHmac('sha256', macKey).update(safe).digest()
  const sha256 = sequence(oid('608648016503040201'), der(0x05, Buffer.alloc(0)))
  const one = der(0x02, Buffer.from([1]))
  const macData = sequence(sequence(sha256, der(0x04, mac)), der(0x04, salt), one)
  return sequence(der(0x02, Buffer.from([3])), data(safe), macData).toString('base64')
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
