import { Link } from '@tanstack/react-router'
import { FileInput } from 'lucide-react'
import { type ButtonStyle, buttonClass } from '../../../ui/button.tsx'

/** Wherever a service can be made: from what somebody has already. */
export function StartFromLink(style: ButtonStyle) {
  return (
    <Link to="/services/new" search={{ form: 'start' }} className={buttonClass(style)}>
      <FileInput aria-hidden className="size-4" />
      Start from…
    </Link>
  )
}
