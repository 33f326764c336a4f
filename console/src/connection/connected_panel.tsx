import { Button, IconButton } from '../ui/button.tsx'
import { X } from 'lucide-react'
import { Notice } from '../ui/notice.tsx'
import type { Acts, Step } from './authorizing_step.ts'

type Props = Extract<Step, { is: 'connected' }> & { acts: Acts }

/** Connected, with what is worth knowing about it. */
export function ConnectedPanel({ connection, remarks, acts }: Props) {
  return (
    <div className="flex flex-col gap-2">
      {remarks.map(({ code, title, detail, scopes }) => (
        <Notice
          key={code}
          live
          tone={code === 'not_tested' ? 'mute' : 'warn'}
          title={title}
          action={
            <>
              {code === 'fewer_scopes' && (
                <Button size="small" onClick={acts.again}>
                  Reconnect
                </Button>
              )}
              <IconButton label={`Close “${title}”`} onClick={acts.dismiss} className="-my-1">
                <X aria-hidden className="size-4" />
              </IconButton>
            </>
          }
        >
          <p>{detail}</p>
          {scopes !== undefined && (
            <ul className="mt-1 flex flex-col gap-0.5">
              {scopes.map((scope) => (
                <li key={scope} className="font-mono text-xs break-all">
                  − {scope}
                </li>
              ))}
            </ul>
          )}
          <p className="sr-only">{connection.name} is connected.</p>
        </Notice>
      ))}
    </div>
  )
}
