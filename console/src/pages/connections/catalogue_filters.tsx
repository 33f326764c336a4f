import type { AuthType } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { catalogueCategories } from '../../data/catalogue.ts'
import { Select } from '../../ui/field.tsx'
import { categoryWords } from './offers.ts'

export interface Narrowed {
  category?: string
  type?: string
}

interface CatalogueFiltersProps {
  value: Narrowed
  types: readonly AuthType[]
  onChange: (value: Narrowed) => void
}

/** What narrows the default services besides the search. */
export function CatalogueFilters({ value: { category = '', type = '' }, types, onChange }: CatalogueFiltersProps) {
  const categories = useQuery(catalogueCategories).data ?? []
  const byName = categories.toSorted((one, other) => categoryWords(one.name).localeCompare(categoryWords(other.name)))
  const narrowed = (next: { category: string; type: string }): Narrowed => ({
    ...(next.category === '' ? {} : { category: next.category }),
    ...(next.type === '' ? {} : { type: next.type }),
  })
  return (
    <>
      <Select
        aria-label="Category"
        value={category}
        onChange={(event) => onChange(narrowed({ category: event.currentTarget.value, type }))}
        className="sm:w-56"
      >
        <option value="">All categories</option>
        {/* What the address says, even where it is none of them. */}
        {category !== '' && !categories.some(({ name }) => name === category) && (
          <option value={category}>{categoryWords(category)}</option>
        )}
        {byName.map(({ name, count }) => (
          <option key={name} value={name}>
            {`${categoryWords(name)} (${count})`}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Authentication Type"
        value={type}
        onChange={(event) => onChange(narrowed({ category, type: event.currentTarget.value }))}
        className="sm:w-56"
      >
        <option value="">All authentication types</option>
        {types.map((one) => (
          <option key={one.type} value={one.type}>
            {one.title}
          </option>
        ))}
      </Select>
    </>
  )
}
