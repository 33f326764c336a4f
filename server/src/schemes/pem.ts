/**
 * Keys and certificates as people paste them: PEM (RFC 7468) whose line breaks a form has taken away or that JSON has
 * written as `\n`, too.
 */
import { fields as field } from '@mooring/contract'

/** What may be typed where a key is asked for: line breaks belong to it. */
export const keyText = field.text({
  max: 65_536,
  all: [/^[^\0\p{Cs}]*$/u, 'Remove the characters that do not belong to a key.'],
})

export interface Block {
  /** `PRIVATE KEY`, `CERTIFICATE`. */
  label: string
  /** With its lines as they should be. */
  pem: string
}

/** Every block in a text, in order; what stands around them is left out. */
export function pemBlocks(text: string): Block[] {
  const lined = text.replaceAll('\\r', '').replaceAll('\\n', '\n')
  return Array.from(lined.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g), (match) => {
    const [whole, label = '', content = ''] = match
    // An old encrypted key has headers, which belong to lines of their own (RFC 1421 section 4.6).
    if (content.includes(':')) return { label, pem: `${whole}\n` }
    const lines = content.replace(/\s+/g, '').match(/.{1,64}/g) ?? []
    return { label, pem: [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n') }
  })
}

/** Whether a private key can only be read with a passphrase. */
export function isEncrypted({ label, pem }: Block): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || pem.includes('ENCRYPTED')
}

export function isPrivateKey({ label }: Block): boolean {
  return label.endsWith('PRIVATE KEY')
}
