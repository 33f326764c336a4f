import { useState } from 'react'
import { cn } from './class_names.ts'
import { later } from './later.ts'

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

// Where the first default service is shown.
const ready = later(async () => (await import('./logos.ts')).logos)

interface ServiceMarkProps {
  name: string
  logoUrl?: string | null | undefined
  /** The catalogue entry it was made of, or is. */
  catalogueId?: string | undefined
  size?: 24 | 32 | 40
}

/** A service's logo on a white tile, or its initials. Decorative: the name is always beside it. */
export function ServiceMark({ name, logoUrl, catalogueId, size = 32 }: ServiceMarkProps) {
  const [broken, setBroken] = useState(false)
  const [none, setNone] = useState(false)
  const uploaded = logoUrl !== undefined && logoUrl !== null && !broken
  const wanted = catalogueId !== undefined && !uploaded && !none
  const logos = ready.usePart(wanted, () => setNone(true))
  const logo = wanted ? logos?.[catalogueId] : undefined
  const box = cn(
    'inline-flex shrink-0 items-center justify-center overflow-hidden rounded-md',
    size === 24 ? 'size-6 text-[10px]' : size === 32 ? 'size-8 text-xs' : 'size-10 text-sm',
  )
  if (uploaded) {
    return (
      <span aria-hidden className={cn(box, 'border border-line bg-white')}>
        <img src={logoUrl} alt="" className="size-4/5 object-contain" onError={() => setBroken(true)} />
      </span>
    )
  }
  if (logo !== undefined || (wanted && logos === undefined)) {
    return (
      <span aria-hidden className={cn(box, 'border border-line bg-white')}>
        {logo !== undefined && (
          <svg viewBox="0 0 24 24" className="size-3/5" fill={`#${logo.hex}`}>
            <path d={logo.path} />
          </svg>
        )}
      </span>
    )
  }
  return (
    <span aria-hidden className={cn(box, 'font-semibold text-white')} style={{ backgroundColor: tintOf(name) }}>
      {monogram(name)}
    </span>
  )
}
