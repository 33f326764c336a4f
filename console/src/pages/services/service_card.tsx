import type { Service } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { buttonClass } from '../../ui/button.tsx'
import { MarkOfService } from '../../connection/marks.tsx'
import { ServiceActions } from './service_actions.tsx'
import { StageBadge } from './stage_badge.tsx'

interface ServiceCardProps {
  service: Service
  /** Title of its authentication type. */
  type: string | undefined
  may: boolean
}

export function ServiceCard({ service, type, may }: ServiceCardProps) {
  const { name, linkName, description, stage, connectionCount, warnings } = service
  const count = connectionCount === 1 ? '1 connection' : `${connectionCount} connections`
  return (
    <li className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-card p-4">
      <div className="flex items-start gap-3">
        <MarkOfService service={service} size={40} />
        <div className="min-w-0 flex-1">
          <h3 className="leading-5 font-semibold break-words">
            <Link to="/services/$link/general" params={{ link: linkName }} className="rounded-sm hover:underline">
              {name}
            </Link>
          </h3>
          <p className="font-mono text-xs break-all text-ink-3">{linkName}</p>
        </div>
        <StageBadge stage={stage} />
      </div>
      {description !== '' && <p className="line-clamp-2 text-[13px] break-words text-ink-2">{description}</p>}
      <p className="mt-auto flex flex-wrap gap-x-2 text-[13px] text-ink-3">
        <span>{type ?? 'No authentication type yet'}</span>
        <span aria-hidden>·</span>
        <span className="tabular">{count}</span>
        {warnings.length > 0 && (
          <span className="flex items-center gap-1 text-warn">
            <TriangleAlert aria-hidden className="size-3.5" />
            {warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`}
          </span>
        )}
      </p>
      {may && (
        <div className="flex items-center justify-between gap-2 border-t border-line pt-3">
          {stage === 'ready' ? (
            <Link
              to="/connections/new/$service"
              params={{ service: linkName }}
              className={buttonClass({ size: 'small' })}
            >
              Create Connection<span className="sr-only"> of {name}</span>
            </Link>
          ) : (
            <Link to="/services/$link/security" params={{ link: linkName }} className={buttonClass({ size: 'small' })}>
              Finish setup<span className="sr-only"> of {name}</span>
            </Link>
          )}
          <ServiceActions service={service} />
        </div>
      )}
    </li>
  )
}
