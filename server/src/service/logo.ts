/** Logos: PNG or JPEG, told by their content, never by their name (R-073, R-074, S-55). */
import { MooringError } from '../errors.ts'

/** A logo is smaller than this many bytes. */
export const logoLimit = 1_048_576

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const pngHeader = Buffer.from('IHDR', 'latin1')

/** Throws too_large, unsupported_media_type. */
export function logoTypeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' {
  if (bytes.length >= logoLimit) throw new MooringError('too_large', { detail: 'A logo is smaller than 1 MB (1,048,576 bytes).', hint: 'Make the picture smaller.' })
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (head.subarray(0, 8).equals(png) && head.subarray(12, 16).equals(pngHeader)) return 'image/png'
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg'
  throw new MooringError('unsupported_media_type', { detail: 'This is neither a PNG nor a JPEG picture.', hint: 'Send a PNG or JPEG file; SVG and others are not taken.' })
}
