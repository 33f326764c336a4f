import { CopyButton } from '../../ui/copy.tsx'

/** `connection`: the one that is called; undefined asks the API who is calling. */
export function FirstCall({ connection }: { connection?: string | undefined }) {
  const path = connection === undefined ? '/v1/whoami' : `/v1/proxy/${connection}/`
  const command = `curl "${location.origin}${path}" \\\n  -H "Authorization: Bearer $MOORING_API_KEY"`
  return (
    <figure className="min-w-0 text-left">
      <figcaption className="flex items-center justify-between gap-2 pb-1 text-[13px] text-ink-3">
        {connection === undefined
          ? 'The first call: with the key in MOORING_API_KEY, it says who you are'
          : 'The first call, with the key in MOORING_API_KEY; append the path that you want'}
        <CopyButton text={command} />
      </figcaption>
      <pre
        // Long lines are scrolled to by keyboard too.
        tabIndex={0}
        aria-label="The first call"
        className="overflow-x-auto rounded-md border border-line bg-mute-soft px-3 py-2 font-mono text-[13px]"
      >
        {command}
      </pre>
    </figure>
  )
}
