import { useState } from 'react'
import { cn } from './class_names.ts'

const tints = ['#0b6685', '#7a3e9d', '#9a4a12', '#1f6b3a', '#a02648', '#35509e', '#5b5f1c', '#6d3a2b']

/** The same name has the same tint everywhere. */
function tintOf(name: string): string {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return tints[sum % tints.length] ?? '#0b6685'
}

function monogram(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const [first = '?', second] = words
  return (second === undefined ? first.slice(0, 2) : first.slice(0, 1) + second.slice(0, 1)).toUpperCase()
}

interface ServiceMarkProps {
  name: string
  logoUrl?: string | null | undefined
  size?: 24 | 32 | 40
}

/** A service's logo on a white tile, or its initials. Decorative: the name is always beside it. */
export function ServiceMark({ name, logoUrl, size = 32 }: ServiceMarkProps) {
  const [broken, setBroken] = useState(false)
  const box = cn(
    'inline-flex shrink-0 items-center justify-center overflow-hidden rounded-md',
    size === 24 ? 'size-6 text-[10px]' : size === 32 ? 'size-8 text-xs' : 'size-10 text-sm',
  )
  if (logoUrl !== undefined && logoUrl !== null && !broken) {
    return (
      <span aria-hidden className={cn(box, 'border border-line bg-white')}>
        <img src={logoUrl} alt="" loading="lazy" className="size-4/5 object-contain" onError={() => setBroken(true)} />
      </span>
    )
  }
  return (
    <span aria-hidden className={cn(box, 'font-semibold text-white')} style={{ backgroundColor: tintOf(name) }}>
      {monogram(name)}
    </span>
  )
}
