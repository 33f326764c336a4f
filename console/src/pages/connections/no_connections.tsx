import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { catalogueFirst } from '../../data/catalogue.ts'
import { allServices } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { Empty } from '../../ui/states.tsx'
import { entryOffers, type Offer, presentOffers } from './offers.ts'

/** Before the first connection: what it is for, and three to begin with. */
export function NoConnections() {
  const may = useMay('manage')
  const services = useQuery({ ...allServices, enabled: may }).data ?? []
  const entries = useQuery({ ...catalogueFirst, enabled: may }).data ?? []
  return (
    <Empty
      title="No connections yet. Connect an app once, use it everywhere."
      action={
        may && (
          <Link to="/connections/new" className={buttonClass({ look: 'primary' })}>
            Add Connection
          </Link>
        )
      }
    >
      {may ? (
        <Shortcuts offers={[...presentOffers(services), ...entryOffers(entries, services)].slice(0, 3)} />
      ) : (
        'Somebody who may manage connections adds the first one.'
      )}
    </Empty>
  )
}

function Shortcuts({ offers }: { offers: Offer[] }) {
  return (
    <>
      <p>Programs then call it by its link name, and Mooring keeps the sign-in alive.</p>
      <ul aria-label="Begin with" className="mt-4 flex flex-wrap justify-center gap-2">
        {offers.map(({ id, name, logoUrl, ways: [{ link }] }) => (
          <li key={id}>
            <Link
              {...link}
              className="flex items-center gap-2 rounded-md border border-line bg-card py-1.5 pr-3 pl-1.5 text-ink hover:bg-hover"
            >
              <ServiceMark name={name} logoUrl={logoUrl} size={24} />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
