import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The colours of `styles.css`, by name and scheme. */
function readTokens(): Map<string, { light: string; dark: string }> {
  const css = readFileSync(join(import.meta.dirname, 'styles.css'), 'utf8')
  return new Map(
    [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
      ([, name = '', light = '', dark = '']) => [name, { light, dark }],
    ),
  )
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const tokens = readTokens()
const grounds = ['ground', 'rail', 'card', 'raised', 'hover']
const texts: [text: string, on: string][] = [
  ...['ink', 'ink-2', 'ink-3', 'accent', 'bad'].flatMap((text) => grounds.map((on): [string, string] => [text, on])),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['accent', 'accent-soft'],
  ['ink-2', 'accent-soft'],
  ['ink-3', 'accent-soft'],
  ['ink-3', 'mute-soft'],
  ['card', 'bad'],
  ...['ok', 'warn', 'bad', 'info', 'mute'].flatMap((tone): [string, string][] => [
    [tone, `${tone}-soft`],
    ['ink-2', `${tone}-soft`],
    [tone, 'card'],
  ]),
]

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  const colour = (name: string): string => {
    const token = tokens.get(name)
    if (token === undefined) throw new Error(`there is no token ${name}`)
    return token[scheme]
  }

  test.each(texts)('%s can be read on %s (WCAG 1.4.3)', (text, on) => {
    expect(contrast(colour(text), colour(on))).toBeGreaterThanOrEqual(4.5)
  })

  test.each(['card', 'ground', 'raised'])('the line around a control is seen on %s (WCAG 1.4.11)', (on) => {
    expect(contrast(colour('control'), colour(on))).toBeGreaterThanOrEqual(3)
  })
})
