/** Reading JSON bodies: bounded in size and depth. */
import { MooringError } from '../errors.ts'

/** Deeper nesting than this has no use here and costs stack. */
const deepest = 64

/** An empty body is undefined. Throws malformed_request. */
export function readJson(text: string): unknown {
  if (text.trim() === '') return undefined
  if (depthOf(text) > deepest)
    throw new MooringError('malformed_request', { detail: `The JSON body is nested deeper than ${deepest} levels.` })
  try {
    // A key named __proto__ would be data here, but never wanted.
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch (cause) {
    throw new MooringError('malformed_request', {
      detail: 'The body is not valid JSON.',
      hint: 'Check quotes, commas and brackets.',
      cause,
    })
  }
}

function depthOf(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === 92) index++
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 91 || code === 123) most = Math.max(most, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return most
}
