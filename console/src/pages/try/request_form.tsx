import type { Connection, Service } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import { targetOf } from '../../connection/hosts.ts'
import { cn } from '../../ui/class_names.ts'
import { controlClass, Field, FieldMessage, Input, Select, TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { type BodyFormat, type Draft, jsonFault, methods, type Part, takesBody } from './draft.ts'
import { Pairs } from './pairs.tsx'

interface RequestFormProps {
  connection: Connection
  service: Service | undefined
  draft: Draft
  onChange: (change: Partial<Draft>) => void
  faults: Partial<Record<Part, string>>
}

/** What the request is made of; its ids are `try-path`, `try-headers` and so on. */
export function RequestForm({ connection, service, draft, onChange, faults }: RequestFormProps) {
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-col gap-1">
        <label htmlFor="try-path" className="font-medium">
          Path or URL
        </label>
        <div className="flex gap-2">
          <Select
            aria-label="Method"
            value={draft.method}
            onChange={(event) => onChange({ method: event.target.value })}
            className="w-28 shrink-0 font-mono text-[13px]"
          >
            {!methods.some((method) => method === draft.method) && <option>{draft.method}</option>}
            {methods.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </Select>
          <Input
            id="try-path"
            aria-invalid={faults.path === undefined ? undefined : true}
            aria-describedby="try-target"
            value={draft.path}
            placeholder="/me"
            spellCheck={false}
            autoCapitalize="none"
            onChange={(event) => onChange({ path: event.target.value })}
            className="font-mono text-[13px]"
          />
        </div>
        <div id="try-target" className="flex flex-col gap-2">
          {faults.path !== undefined && <FieldMessage>{faults.path}</FieldMessage>}
          {service !== undefined && <TargetWords path={draft.path} service={service} connection={connection} />}
        </div>
      </div>
      {connection.authorizationLevel === 'per_user' && (
        <Field
          id="try-user"
          label="User"
          help="Each user of this connection has an authorization of their own. Use the id your program uses for them."
          error={faults.user}
          required
        >
          {(parts) => (
            <Input {...parts} value={draft.user} onChange={(event) => onChange({ user: event.target.value })} />
          )}
        </Field>
      )}
      <Part title="Parameters" about="Added to the query.">
        <Pairs
          id="try-parameters"
          label="Parameters"
          one="parameter"
          pairs={draft.parameters}
          onChange={(parameters) => onChange({ parameters })}
          error={faults.parameters}
        />
      </Part>
      <Part title="Headers" about="Mooring adds the credential by itself.">
        <Pairs
          id="try-headers"
          label="Headers"
          one="header"
          pairs={draft.headers}
          onChange={(headers) => onChange({ headers })}
          error={faults.headers}
        />
      </Part>
      <Part title="Body" about={takesBody(draft.method) ? undefined : `A ${draft.method} carries none.`}>
        {takesBody(draft.method) && <Body draft={draft} onChange={onChange} error={faults.body} />}
      </Part>
    </div>
  )
}

function Part({ title, about, children }: { title: string; about: string | undefined; children: React.ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">
        {title}
        {about !== undefined && <span className="ml-2 text-[13px] font-normal text-ink-3">{about}</span>}
      </h2>
      {children}
    </section>
  )
}

/** Where it goes; where the credential may not go there, that comes before the refusal. */
function TargetWords({ path, service, connection }: { path: string; service: Service; connection: Connection }) {
  const { url, allowed } = targetOf(path, service, connection)
  if (path.trim() === '') return null
  if (url === undefined) {
    return (
      <p className="text-[13px] text-warn">
        {service.baseUrl === null
          ? `${service.name} has no base URL, so write a whole URL, such as https://api.example.com/me.`
          : 'This cannot be read as a URL.'}
      </p>
    )
  }
  if (allowed) return <p className="font-mono text-xs break-all text-ink-3">{url.href}</p>
  const hosts = [
    ...new Set([...service.hosts, ...(service.baseUrl === null ? [] : [URL.parse(service.baseUrl)?.host])]),
  ]
  return (
    <Notice tone="warn" title={`${url.host} is not among the hosts of ${service.name}`}>
      <p>
        Mooring sends the credential to {hosts.filter(Boolean).join(', ')} and nowhere else, so it will refuse this. If
        the host belongs to the API, add it to the service.
      </p>
      <Link
        to="/services/$link/general"
        params={{ link: service.linkName }}
        className="font-medium text-accent underline-offset-2 hover:underline"
      >
        Open {service.name}
      </Link>
    </Notice>
  )
}

const formats: { value: BodyFormat; label: string }[] = [
  { value: 'json', label: 'JSON' },
  { value: 'form', label: 'Form' },
  { value: 'text', label: 'Text' },
]

interface BodyProps {
  draft: Draft
  onChange: (change: Partial<Draft>) => void
  error: string | undefined
}

function Body({ draft, onChange, error }: BodyProps) {
  const name = useId()
  const { bodyFormat, body } = draft
  const fault = error ?? (bodyFormat === 'json' ? jsonFault(body) : undefined)
  return (
    <>
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Format of the body</legend>
        {formats.map(({ value, label }) => (
          <label
            key={value}
            className="inline-flex h-8 cursor-pointer items-center rounded-md border border-transparent px-3 text-[13px] font-medium text-ink-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={value}
              checked={bodyFormat === value}
              onChange={() => onChange({ bodyFormat: value })}
              className="sr-only"
            />
            {label}
          </label>
        ))}
      </fieldset>
      {bodyFormat === 'form' ? (
        <Pairs
          id="try-body"
          label="Fields of the form"
          one="field"
          pairs={draft.form}
          onChange={(form) => onChange({ form })}
          error={error}
        />
      ) : (
        <>
          <TextArea
            id="try-body"
            aria-label="Body"
            rows={8}
            spellCheck={false}
            value={body}
            aria-invalid={fault === undefined ? undefined : true}
            aria-describedby={fault === undefined ? undefined : 'try-body-error'}
            placeholder={bodyFormat === 'json' ? '{ "name": "value" }' : undefined}
            onChange={(event) => onChange({ body: event.target.value })}
            className={cn(controlClass, 'font-mono text-[13px]')}
          />
          {fault !== undefined && <FieldMessage id="try-body-error">{fault}</FieldMessage>}
        </>
      )}
    </>
  )
}
