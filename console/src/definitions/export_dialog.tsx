import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { ChoiceCards } from '../ui/choice_cards.tsx'
import { CopyButton, CopyField } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { saveAs } from '../ui/save_as.ts'
import { LoadError, SkeletonRows } from '../ui/states.tsx'
import { type FileFormat, type FileKind, fileText } from './file_text.ts'

interface ExportDialogProps {
  kind: FileKind
  linkName: string
  name: string
  open: boolean
  onClose: () => void
}

const formats = [
  { value: 'yaml', label: 'YAML' },
  { value: 'json', label: 'JSON' },
]

/** The definition as a file, to keep under version control or to take to another installation. */
export function ExportDialog(props: ExportDialogProps) {
  const { kind, name, open, onClose } = props
  return (
    <Dialog
      open={open}
      onClose={onClose}
      size="wide"
      title={`Export ${name}`}
      description={
        kind === 'service'
          ? 'Everything that defines it, and no secret.'
          : 'What it is for, and nothing of what was granted: whoever applies it elsewhere authorizes it there.'
      }
    >
      <Export {...props} />
    </Dialog>
  )
}

function Export({ kind, linkName }: ExportDialogProps) {
  const [format, setFormat] = useState<FileFormat>('yaml')
  const { data, error, isFetching, refetch } = useQuery(fileText(kind, linkName, format))
  const file = `${linkName}.${format}`
  return (
    <div className="flex flex-col gap-4">
      <ChoiceCards
        legend="Format"
        choices={formats}
        value={format}
        onChange={(value) => setFormat(value === 'json' ? 'json' : 'yaml')}
      />
      {error !== null && <LoadError error={error} retrying={isFetching} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data !== undefined && (
        <>
          <pre
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- long files are scrolled by keyboard too
            tabIndex={0}
            aria-label={file}
            role="region"
            className="max-h-72 overflow-auto rounded-md border border-line bg-ground p-3 font-mono text-xs leading-5 text-ink-2"
          >
            {data}
          </pre>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={data} label="Copy file" />
            <Button size="small" onClick={() => saveAs(new Blob([data], { type: 'text/plain' }), file)}>
              <Download aria-hidden className="size-3.5" />
              Download {file}
            </Button>
          </div>
          {kind === 'service' && data.includes('set: true') && (
            <p className="text-[13px] text-ink-3">
              In the place of each secret stands <code className="font-mono">set: true</code>. Where the service is new,
              write a reference there, such as <code className="font-mono">{'${env:CLIENT_SECRET}'}</code>.
            </p>
          )}
          <div className="flex flex-col gap-1">
            <p className="font-medium">Apply it here or elsewhere</p>
            <CopyField label="command" value={`mooring apply ${file}`} />
            <p className="text-[13px] text-ink-3">
              It shows what would change and asks first. <code className="font-mono">mooring plan {file}</code> only
              shows.
            </p>
          </div>
        </>
      )}
    </div>
  )
}
