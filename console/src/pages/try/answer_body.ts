/** What came back, as it can be shown and saved. */
import type { Invocation } from '@mooring/sdk'

/** More of it is for a download. */
export const shownCharacters = 200 * 1024

export interface Answer {
  /** What can be read; undefined where it is bytes. */
  text: string | undefined
  isJson: boolean
  /** An address to show an image from. */
  image: string | undefined
  bytes: number
  blob: () => Blob
  fileName: string
}

/** Pixels only: an image that is a document (SVG) is shown as its text. */
const pictures = /^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon)\b/

export function answerOf({ body, bodyFormat, headers, url }: Invocation): Answer {
  const type = headers['content-type'] ?? 'application/octet-stream'
  const fileName = nameOf(url, bodyFormat === 'json' ? 'json' : bodyFormat === 'text' ? 'txt' : 'bin')
  if (bodyFormat === 'base64') {
    const bytes = Uint8Array.from(atob(String(body)), (character) => character.codePointAt(0) ?? 0)
    return {
      text: undefined,
      isJson: false,
      image: pictures.test(type) ? `data:${type.split(';', 1)[0]};base64,${String(body)}` : undefined,
      bytes: bytes.length,
      blob: () => new Blob([bytes], { type }),
      fileName,
    }
  }
  const text = bodyFormat === 'json' ? JSON.stringify(body, null, 2) : String(body)
  return {
    text,
    isJson: bodyFormat === 'json',
    image: undefined,
    bytes: new Blob([text]).size,
    blob: () => new Blob([text], { type }),
    fileName,
  }
}

/** The last part of the path, with an ending where it has none. */
function nameOf(url: string, ending: string): string {
  const last =
    URL.parse(url)
      ?.pathname.split('/')
      .findLast((part) => part !== '') ?? 'answer'
  return /\.\w+$/.test(last) ? last : `${last}.${ending}`
}

/** "312 B", "1.4 KB", "3 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'KB'] : [bytes / 1_000_000, 'MB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}
