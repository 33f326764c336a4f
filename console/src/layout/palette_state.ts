import { useEffect, useState } from 'react'

/** Whether the palette is open; ⌘K and Ctrl+K open and close it. */
export function usePaletteKey(): [open: boolean, set: (open: boolean) => void] {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey) return
      event.preventDefault()
      setOpen((now) => !now)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return [open, setOpen]
}
