import { useRef, useState } from 'react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { logoOf } from '../../data/services.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { FieldMessage } from '../../ui/field.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { wordsFor } from '../../words/problem.ts'
import { useBuilder } from './builder_context.tsx'

/** A logo has fewer bytes than this. */
const limit = 1_048_576

/** What is wrong with a picture, by its content and not by its name. Undefined: nothing. */
export async function logoBreak(file: Blob): Promise<string | undefined> {
  if (file.size >= limit) {
    const size = (file.size / limit).toFixed(1)
    return `Use a picture of less than 1 MB; this one has ${size} MB.`
  }
  const [a, b, c, d] = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  const png = a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47
  const jpeg = a === 0xff && b === 0xd8 && c === 0xff
  return png || jpeg ? undefined : 'Use a PNG or JPG picture; this file is neither, whatever its name says.'
}

export function LogoField() {
  const { service, may } = useBuilder()
  const input = useRef<HTMLInputElement>(null)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const upload = async (file: File): Promise<void> => {
    setBusy(true)
    try {
      const broken = await logoBreak(file)
      setError(broken)
      if (broken !== undefined) return
      // The type by content again: the name's may be another.
      await client.services.setLogo(service.id, new Uint8Array(await file.arrayBuffer()))
      await queryClient.invalidateQueries({ queryKey: ['services'] })
      announce('The logo was stored')
    } catch (failure) {
      setError(wordsFor(failure).detail)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="flex flex-col gap-1">
      <span className="font-medium">
        Logo<span className="text-xs font-normal text-ink-3"> optional</span>
      </span>
      <div className="flex flex-wrap items-center gap-3">
        <ServiceMark key={logoOf(service)} name={service.name} logoUrl={logoOf(service)} size={40} />
        {may && (
          <Button busy={busy} onClick={() => input.current?.click()}>
            {service.logoUrl === null ? 'Upload logo' : 'Replace logo'}
          </Button>
        )}
        <span className="text-[13px] text-ink-3">PNG or JPG, less than 1 MB.</span>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg"
        aria-label="Logo file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          // The same file can be chosen again once it was mended.
          event.currentTarget.value = ''
          if (file !== undefined) void upload(file)
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
