import type { DeviceCode } from '@mooring/sdk'
import { ExternalLink, MonitorSmartphone } from 'lucide-react'
import { buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { Notice } from '../ui/notice.tsx'
import { useNow } from '../ui/time.tsx'
import { span } from '../words/time.ts'
import { AccountQuestion } from './account_question.tsx'
import type { Acts, Step } from './authorizing_step.ts'
import { CancelButton } from './cancel_button.tsx'

type Props = Extract<Step, { is: 'waiting' }> & { device: DeviceCode; acts: Acts }

/** A code to enter at the provider, on this device or any other; the page goes on by itself once somebody has agreed there. */
export function DevicePanel({ connection, device, attempt, expiresAt, acts }: Props) {
  const now = useNow()
  const { userCode, verificationUri, verificationUriComplete } = device
  const left = Date.parse(expiresAt) - now
  const question = attempt?.question ?? null
  return (
    <>
      <Notice
        tone="info"
        icon={MonitorSmartphone}
        title={`Enter this code at ${connection.service.name}`}
        action={<CancelButton acts={acts} />}
      >
        <p>
          Open{' '}
          <a href={verificationUri} target="_blank" rel="noreferrer" className="break-all underline underline-offset-2">
            {verificationUri}
          </a>{' '}
          on any device, enter the code and agree. This page goes on by itself once you have.
        </p>
        <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
          <output aria-label="Code" className="font-mono text-2xl font-semibold tracking-widest break-all text-ink">
            {userCode}
          </output>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={userCode} label="Copy code" />
            <a
              href={verificationUriComplete ?? verificationUri}
              target="_blank"
              rel="noreferrer"
              className={buttonClass({ size: 'small', look: 'primary' })}
            >
              <ExternalLink aria-hidden className="size-3.5" />
              {verificationUriComplete === null ? 'Open the page' : 'Open with the code filled in'}
            </a>
          </div>
        </div>
        <p className="mt-2 text-[13px]">
          {left > 0 ? `Good for ${span(left)} more.` : 'The code has run out.'} Check that the page is{' '}
          {connection.service.name}
          ’s own before you agree.
        </p>
      </Notice>
      {question !== null && <AccountQuestion connection={connection.name} question={question} acts={acts} />}
    </>
  )
}
