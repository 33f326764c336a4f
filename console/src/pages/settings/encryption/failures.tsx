import type { Job, JobFailure } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { adviceFor, counted } from '../../../words/jobs.ts'

const link = 'font-medium text-accent underline underline-offset-2'

/** Values that do not open: what each is, what to do about it, and where it lies. */
export function Failures({ job: { failed, failures } }: { job: Job }) {
  if (failed === 0) return null
  const more = failed - failures.length
  return (
    <div className="border-t border-line">
      <h3 className="px-4 pt-3 font-medium">
        {failed === 1 ? 'One value does not open' : `${counted(failed)} values do not open`}
      </h3>
      <p className="px-4 text-[13px] text-ink-3">
        They were changed in the database, or moved there. They are left as they are.
      </p>
      <ul className="mt-2 divide-y divide-line border-t border-line">
        {failures.map((failure) => (
          <Failure key={`${failure.table}.${failure.field} ${failure.row}`} failure={failure} />
        ))}
      </ul>
      {more > 0 && <p className="border-t border-line px-4 py-2.5 text-ink-3">And {counted(more)} more.</p>}
    </div>
  )
}

function Failure({ failure }: { failure: JobFailure }) {
  const { what, todo } = adviceFor(failure)
  const { table, field, row, service, connection } = failure
  return (
    <li className="flex flex-col gap-0.5 px-4 py-2.5">
      <p>
        {connection !== null ? (
          <Link to="/connections/$link" params={{ link: connection }} className={link}>
            {what}
          </Link>
        ) : service !== null ? (
          <Link to="/services/$link/security" params={{ link: service }} className={link}>
            {what}
          </Link>
        ) : (
          <span className="font-medium">{what}</span>
        )}
      </p>
      <p className="text-ink-2">{todo}</p>
      <p className="font-mono text-xs break-all text-ink-3">
        {table}.{field} · {row}
      </p>
    </li>
  )
}
