import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { cn } from './class_names.ts'
import { Input } from './field.tsx'

interface SearchFieldProps {
  label: string
  /** As it stands in the address. */
  value: string
  /** Told once somebody pauses. */
  onSearch: (text: string) => void
  placeholder?: string
  /** On pages that are for searching. */
  focused?: boolean
  className?: string
}

/** In milliseconds. */
const pause = 150

/** `/` goes there, on every page that has one. */
export function SearchField({ label, value, onSearch, placeholder, focused = false, className }: SearchFieldProps) {
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  const [sent, setSent] = useState(value)
  if (value !== seen) {
    setSeen(value)
    // The address changed from outside: a link, or back.
    if (value !== sent) {
      setSent(value)
      setText(value)
    }
  }
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === sent) return
    const timer = setTimeout(() => {
      setSent(wanted)
      onSearch(wanted)
    }, pause)
    return () => clearTimeout(timer)
  }, [text, sent, onSearch])
  return (
    <div className={cn('relative', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-3"
      />
      <Input
        type="search"
        aria-label={label}
        value={text}
        placeholder={placeholder ?? label}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a page that is for searching begins there
        autoFocus={focused}
        enterKeyHint="search"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.preventDefault()
        }}
        className="pl-8.5"
      />
    </div>
  )
}
