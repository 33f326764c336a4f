import { type Attempt, type Connection, MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { oneService } from '../data/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { Notice } from '../ui/notice.tsx'
import { wordsFor } from '../words/problem.ts'
import { clock } from '../words/time.ts'
import type { Acts, Step } from './authorizing_step.ts'
import { prefersFullPage } from './sign_in_window.ts'

type Props = Extract<Step, { is: 'failed' }> & { acts: Acts }

interface Words {
  title: string
  detail: string
  hint: string | null | undefined
  code: string
}

/** Where the address registered at the provider may be the reason (RFC 6749 section 4.1.2.1, and words of providers). */
const aboutCallback = /redirect_uri|invalid_request|unauthorized_client|expired|forbidden/
/** Where the definition of the service may be. */
const aboutService = /client|scope|grant_type|access_token|not_json|redirect$/

/** What happened, in the provider's words and then in ours; what to do; for the curious every step. */
export function FailedPanel({ connection, redirects, attempt, error, acts }: Props) {
  const words = wordsOf(connection, attempt, error)
  const said = attempt?.steps.findLast(({ step }) => step === 'provider said')?.detail
  const callbackUrl = useQuery(oneService(connection.service.linkName)).data?.callbackUrl
  return (
    <Notice tone={words.code === 'access_denied' ? 'mute' : 'bad'} live title={words.title}>
      {said !== undefined && (
        <p className="break-words">
          {connection.service.name} said: <q className="font-mono text-[13px]">{said}</q>
        </p>
      )}
      <p className="break-words">{words.detail}</p>
      {words.hint && <p className="break-words">{words.hint}</p>}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="small" look="primary" onClick={acts.again}>
          Connect again
        </Button>
        {redirects && !prefersFullPage() && (
          <Button size="small" onClick={acts.continueHere}>
            Continue in this tab
          </Button>
        )}
        {redirects && aboutCallback.test(words.code) && callbackUrl !== undefined && (
          <CopyButton text={callbackUrl} label="Copy callback URL" />
        )}
        {aboutService.test(words.code) && (
          <Link
            to="/services/$link/security"
            params={{ link: connection.service.linkName }}
            className={buttonClass({ size: 'small' })}
          >
            Look at the service
          </Link>
        )}
        <Button size="small" look="quiet" onClick={acts.dismiss}>
          Close
        </Button>
      </div>
      <details className="mt-3 text-[13px]">
        <summary className="w-fit min-h-6 cursor-pointer rounded-sm font-medium">Technical details</summary>
        <TechnicalDetails attempt={attempt} code={words.code} requestId={wordsFor(error).requestId} />
      </details>
    </Notice>
  )
}

interface DetailsProps {
  attempt: Attempt | undefined
  code: string
  requestId: string | undefined
}

function TechnicalDetails({ attempt, code, requestId }: DetailsProps) {
  return (
    <div className="mt-2 flex flex-col gap-2">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt>Code</dt>
        <dd className="font-mono text-xs leading-5 break-all">{code}</dd>
        {attempt !== undefined && (
          <>
            <dt>Attempt</dt>
            <dd className="flex flex-wrap items-center gap-2 font-mono text-xs break-all">
              {attempt.id}
              <CopyButton text={attempt.id} label="Copy attempt id" className="font-sans" />
            </dd>
          </>
        )}
        {attempt === undefined && requestId !== undefined && (
          <>
            <dt>Request</dt>
            <dd className="font-mono text-xs leading-5 break-all">{requestId}</dd>
          </>
        )}
      </dl>
      {attempt !== undefined && (
        <ol className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1">
          {attempt.steps.map(({ at, step, ok, detail }) => (
            <li key={`${at} ${step} ${detail}`} className="contents">
              <time dateTime={at} className="font-mono text-xs leading-5 whitespace-nowrap tabular">
                {clock(at)}
              </time>
              <span className="break-words">
                <span className="font-medium">
                  {step}
                  {!ok && ' (failed)'}
                </span>
                : {detail}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

function wordsOf({ service }: Connection, attempt: Attempt | undefined, error: unknown): Words {
  if (attempt?.diagnosis) return attempt.diagnosis
  if (attempt?.state === 'expired') {
    return {
      title: 'The sign-in was not finished in time',
      detail: `Nobody came back from ${service.name}, and the attempt has ended. Nothing was changed.`,
      hint: `If ${service.name} showed an error about the redirect URI, add the callback URL to your app there first.`,
      code: 'expired',
    }
  }
  const { title, detail, hint } = wordsFor(error)
  return { title, detail, hint, code: error instanceof MooringError ? error.code : 'unknown' }
}
