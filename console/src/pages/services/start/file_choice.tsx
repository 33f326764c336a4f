import { FileText, Upload, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button, IconButton } from '../../../ui/button.tsx'
import { FieldMessage, type FieldParts } from '../../../ui/field.tsx'

export interface ChosenFile {
  name: string
  size: number
  text: string
}

/** In bytes; the server takes no longer documents. */
const longest = 5_242_880

export function ChooseFile({ onChosen }: { onChosen: (file: ChosenFile) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [error, setError] = useState<string>()
  const read = async (file: File): Promise<void> => {
    if (file.size > longest) {
      setError(`A document has at most 5 MB; this one has ${sizeOf(file.size)}.`)
      return
    }
    const text = await file.text()
    setError(text.trim() === '' ? `${file.name} is empty.` : undefined)
    if (text.trim() !== '') onChosen({ name: file.name, size: file.size, text })
  }
  return (
    <div className="flex flex-col items-end gap-1">
      <Button size="small" onClick={() => input.current?.click()}>
        <Upload aria-hidden className="size-3.5" />
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        accept=".json,.yaml,.yml,.txt,application/json,application/yaml,text/plain"
        aria-label="Document file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          // The same file can be chosen again once it was mended.
          event.currentTarget.value = ''
          if (file !== undefined) void read(file)
        }}
      />
      {error !== undefined && (
        <div role="alert">
          <FieldMessage>{error}</FieldMessage>
        </div>
      )}
    </div>
  )
}

interface ShownFileProps extends FieldParts {
  file: ChosenFile
  onRemove: () => void
}

/** In the place of what would be typed. Long documents are not drawn. */
export function ShownFile({ file: { name, size }, onRemove, id, ...parts }: ShownFileProps) {
  return (
    <div className="flex min-h-9 items-center gap-2 rounded-md border border-control bg-card px-2.5 py-1">
      <FileText aria-hidden className="size-4 shrink-0 text-ink-3" />
      <output id={id} tabIndex={-1} aria-describedby={parts['aria-describedby']} className="min-w-0 flex-1 break-all">
        {name} <span className="text-[13px] text-ink-3">{sizeOf(size)}</span>
      </output>
      <IconButton label={`Remove ${name}`} onClick={onRemove}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </div>
  )
}

function sizeOf(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}
