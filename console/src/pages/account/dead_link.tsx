import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Outside } from './outside.tsx'

interface DeadLinkProps {
  /** Empty: the page was opened without one. */
  token: string
  /** How long such a link works. */
  life: string
  /** Where a new one comes from. */
  ask: string
}

/** A one-time link that is over, or was opened without its end. */
export function DeadLink({ token, life, ask }: DeadLinkProps) {
  return (
    <Outside title={token === '' ? 'Open the whole link' : 'This link works no more'}>
      <Notice tone="info">
        {token === '' ? (
          <p>
            A part of it is missing: what comes after the # sign. Open it again as you got it. It works once and for{' '}
            {life}.
          </p>
        ) : (
          <p>
            It was used already, was withdrawn, or is older than {life}. {ask}
          </p>
        )}
      </Notice>
      <Link to="/login" className={buttonClass()}>
        Go to the sign-in page
      </Link>
    </Outside>
  )
}
