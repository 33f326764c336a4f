/** The logos of services, and of connections by their service. */
import type { Connection, Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { allServices, logoOf } from '../data/services.ts'
import { ServiceMark } from '../ui/service_mark.tsx'

type Size = 24 | 32 | 40

export function MarkOfService({ service, size }: { service: Service; size: Size }) {
  return <ServiceMark name={service.name} logoUrl={logoOf(service)} size={size} />
}

/** Initials until the services are known. */
export function ConnectionMark({ connection, size }: { connection: Pick<Connection, 'service'>; size: Size }) {
  const { linkName, name } = connection.service
  const service = byLinkName(useQuery(allServices).data ?? []).get(linkName)
  return service === undefined ? (
    <ServiceMark name={name} size={size} />
  ) : (
    <MarkOfService service={service} size={size} />
  )
}

/** Made once for a list, which many rows look into. */
const indexes = new WeakMap<readonly Service[], ReadonlyMap<string, Service>>()

function byLinkName(services: readonly Service[]): ReadonlyMap<string, Service> {
  let index = indexes.get(services)
  if (index === undefined) {
    index = new Map(services.map((service) => [service.linkName, service]))
    indexes.set(services, index)
  }
  return index
}
