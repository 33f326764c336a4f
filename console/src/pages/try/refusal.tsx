import { MooringError, type Connection, type Service } from '@mooring/sdk'
import { Link, type LinkProps } from '@tanstack/react-router'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { wordsFor } from '../../words/problem.ts'

interface RefusalProps {
  error: unknown
  connection: Connection
  service: Service | undefined
}

/** There is no answer of the API: Mooring did not send the request, or nothing came back. */
export function Refusal({ error, connection, service }: RefusalProps) {
  const { title, detail, hint, requestId, errors } = wordsFor(error)
  const fix = fixFor(error, connection, service)
  return (
    <div className="flex flex-col gap-2">
      <p className="text-[13px] font-medium text-ink-2">From Mooring, not from the API</p>
      <Notice
        tone="bad"
        live
        title={title}
        action={
          fix !== undefined && (
            <Link {...fix.link} className={buttonClass({ size: 'small' })}>
              {fix.label}
            </Link>
          )
        }
      >
        {errors.length === 0 && <p>{detail}</p>}
        {errors.length > 0 && (
          <ul>
            {errors.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <span className="font-mono text-xs">{path}</span>: {message}
              </li>
            ))}
          </ul>
        )}
        {fix?.words === undefined ? hint !== undefined && <p>{hint}</p> : <p>{fix.words}</p>}
        {requestId !== undefined && <p className="font-mono text-xs text-ink-3">Request {requestId}</p>}
      </Notice>
    </div>
  )
}

/** Somebody has to authorize. */
const unauthorized = new Set<string>(['connection_not_active', 'reauthorization_required', 'user_not_authorized'])

interface Fix {
  label: string
  link: LinkProps
  /** In place of the hint, which is for programs. */
  words?: string
}

function fixFor(error: unknown, { linkName, name }: Connection, service: Service | undefined): Fix | undefined {
  if (!(error instanceof MooringError)) return undefined
  if (unauthorized.has(error.code))
    return { label: `Open ${name}`, link: { to: '/connections/$link', params: { link: linkName } } }
  if (error.code === 'host_not_allowed' && service !== undefined)
    return {
      label: `Open ${service.name}`,
      link: { to: '/services/$link/general', params: { link: service.linkName } },
    }
  return undefined
}
