/** Client certificates as people bring them, judged before they are kept: pairs in PEM, or PKCS#12 (RFC 7292). */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { isEncrypted, isPrivateKey, pemBlocks } from './pem.ts'
import type { ClientCertificate } from './scheme.ts'

/** What is kept of one: either both PEM texts, or a PKCS#12 in base64. */
export interface KeptCertificate {
  cert?: string | undefined
  key?: string | undefined
  pkcs12?: string | undefined
  passphrase?: string | undefined
}

/** What is wrong with one, and with which part of it. Never holds what was given. */
export interface CertificateFault {
  part: 'cert' | 'key' | 'pkcs12' | 'passphrase'
  message: string
}

export interface JudgedCertificate {
  kept: KeptCertificate
  /** Milliseconds; null where it cannot be told. */
  endsAt: number | null
}

function fault(part: CertificateFault['part'], message: string): { fault: CertificateFault } {
  return { fault: { part, message } }
}

/**
 * A certificate with its chain and its key, in one text or two. `passphrase`: of the key. What is kept needs none: the
 * key is sealed as every secret is.
 */
export function readPair(
  certText: string,
  keyText: string,
  passphrase: string | undefined,
): JudgedCertificate | { fault: CertificateFault } {
  const certificates: X509Certificate[] = []
  for (const block of pemBlocks(certText).filter(({ label }) => label === 'CERTIFICATE')) {
    try {
      certificates.push(new X509Certificate(block.pem))
    } catch {
      return fault('cert', 'This certificate cannot be read: paste the whole of it, from -----BEGIN to -----END.')
    }
  }
  if (certificates.length === 0)
    return fault('cert', 'Paste the certificate as PEM, from -----BEGIN CERTIFICATE----- to the end.')
  const block = pemBlocks(`${keyText}\n${certText}`).find(isPrivateKey)
  if (block === undefined)
    return fault('key', 'Paste the private key as PEM, from -----BEGIN PRIVATE KEY----- to the end.')
  if (isEncrypted(block) && !passphrase) return fault('passphrase', 'This key has a passphrase: fill it in.')
  let key: KeyObject
  try {
    key = createPrivateKey({ key: block.pem, ...(passphrase ? { passphrase } : {}) })
  } catch {
    return isEncrypted(block)
      ? fault('passphrase', 'The passphrase does not open this key.')
      : fault('key', 'This private key cannot be read: paste the whole of it, from -----BEGIN to -----END.')
  }
  const own = certificates.find((one) => one.checkPrivateKey(key))
  if (own === undefined) return fault('key', 'This key does not belong to the certificate.')
  // A client shows its own first (RFC 8446 section 4.4.2).
  const chain = [own, ...certificates.filter((one) => one !== own)]
  return {
    kept: {
      cert: chain.map((one) => one.toString()).join(''),
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    endsAt: own.validToDate.getTime(),
  }
}

/** A PKCS#12 in base64. */
export function readPkcs12(
  text: string,
  passphrase: string | undefined,
): JudgedCertificate | { fault: CertificateFault } {
  const pkcs12 = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(pkcs12))
    return fault('pkcs12', 'Write the file in base64: openssl base64 -A -in client.p12')
  try {
    const opened = createSecureContext({ pfx: Buffer.from(pkcs12, 'base64'), passphrase: passphrase ?? '' })
    return { kept: { pkcs12, ...(passphrase ? { passphrase } : {}) }, endsAt: endOf(opened.context) }
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    if (/mac verify|bad decrypt|passw/i.test(said))
      return fault('passphrase', 'The passphrase does not open this file.')
    if (/unsupported/i.test(said))
      return fault(
        'pkcs12',
        'This file is encrypted in an old way. Convert it: openssl pkcs12 -legacy -in old.p12 -nodes',
      )
    return fault('pkcs12', 'This is not a PKCS#12 file (.p12, .pfx) with a certificate and its key.')
  }
}

/** Of the certificate that a context holds; Node does not say it elsewhere. */
function endOf(context: unknown): number | null {
  try {
    const read: unknown = typeof context === 'object' && context !== null && Reflect.get(context, 'getCertificate')
    const der: unknown = typeof read === 'function' ? Reflect.apply(read, context, []) : undefined
    return der instanceof Uint8Array ? new X509Certificate(der).validToDate.getTime() : null
  } catch {
    return null
  }
}

/** Made for use. Throws nothing, whatever is kept. */
export function certificateOf({ cert, key, pkcs12, passphrase }: KeptCertificate): ClientCertificate {
  const digest = createHash('sha256')
  for (const part of [cert, key, pkcs12, passphrase]) digest.update(`${part?.length ?? -1}:${part ?? ''}`)
  return {
    id: digest.digest('base64url'),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(pkcs12 === undefined ? {} : { pfx: Buffer.from(pkcs12, 'base64') }),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}
