import type { CatalogueEntry } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { catalogueSearch } from '../../data/catalogue.ts'
import { Notice } from '../../ui/notice.tsx'
import { plainName } from './offers.ts'

/** Where nobody has confirmed an entry: what that means, and what to do. */
export function UnverifiedNotice({ entry: { name, docsUrl } }: { entry: CatalogueEntry }) {
  return (
    <Notice tone="warn" title={`How ${name} authenticates is not verified`}>
      No document of the provider confirms it yet. Compare with{' '}
      {docsUrl === null ? (
        'its documentation'
      ) : (
        <a href={docsUrl} target="_blank" rel="noreferrer" className="underline underline-offset-2">
          its documentation
        </a>
      )}{' '}
      if connecting does not work; as a custom service every part can be changed.
    </Notice>
  )
}

/** The same service by other means. */
export function OtherWays({ entry, titleOf }: { entry: CatalogueEntry; titleOf: (type: string) => string }) {
  const plain = plainName(entry.name)
  const family = entry.variantOf ?? entry.id
  const found = useQuery(catalogueSearch({ query: plain })).data ?? []
  const others = found.filter(
    (one) => one.id !== entry.id && (one.variantOf ?? one.id) === family && plainName(one.name) === plain,
  )
  if (others.length === 0) return null
  return (
    <p className="text-[13px] text-ink-3">
      Other ways to authenticate:{' '}
      {others.map(({ id, name, authType }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link
            to="/connections/new/$service"
            params={{ service: id }}
            search={{ from: 'catalogue' }}
            className="text-accent underline underline-offset-2"
          >
            {name === plain ? titleOf(authType) : name}
          </Link>
        </span>
      ))}
    </p>
  )
}
