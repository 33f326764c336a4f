import type { Service } from '@mooring/sdk'
import { useNavigate } from '@tanstack/react-router'
import { CopyPlus, FileOutput, MoreHorizontal, PencilLine, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { client } from '../../data/client.ts'
import { serviceChanged } from '../../data/services.ts'
import { IconButton } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { tell, tellProblem } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { DeleteService } from './delete_service.tsx'

const ExportDialog = lazy(() =>
  import('../../definitions/export_dialog.tsx').then(({ ExportDialog }) => ({ default: ExportDialog })),
)

/** `here`: on the service's own page. */
export function ServiceActions({ service, here = false }: { service: Service; here?: boolean }) {
  const [deleting, setDeleting] = useState(false)
  const [exporting, setExporting] = useState(false)
  const duplicate = useDuplicate()
  const navigate = useNavigate()
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More actions for ${service.name}`}>
            <MoreHorizontal aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {!here && (
          <MenuItem
            icon={PencilLine}
            onClick={() => void navigate({ to: '/services/$link/general', params: { link: service.linkName } })}
          >
            Edit
          </MenuItem>
        )}
        <MenuItem icon={CopyPlus} onClick={() => void duplicate(service)}>
          Duplicate
        </MenuItem>
        <MenuItem icon={FileOutput} onClick={() => setExporting(true)}>
          Export
        </MenuItem>
        <MenuLine />
        <MenuItem icon={Trash2} danger onClick={() => setDeleting(true)}>
          Delete
        </MenuItem>
      </Menu>
      {exporting && (
        <Suspense>
          <ExportDialog
            kind="service"
            linkName={service.linkName}
            name={service.name}
            open
            onClose={() => setExporting(false)}
          />
        </Suspense>
      )}
      <DeleteService
        service={service}
        open={deleting}
        onClose={() => setDeleting(false)}
        onDeleted={() => here && void navigate({ to: '/services', ignoreBlocker: true })}
      />
    </>
  )
}

/** A copy as a draft, without the secrets; it is opened. */
export function useDuplicate(): (service: Service) => Promise<void> {
  const navigate = useNavigate()
  return async (service) => {
    try {
      const copy = await client.services.clone(service.linkName)
      await serviceChanged(copy)
      tell(`${copy.name} is a draft`, 'Its secrets have to be filled in again.')
      await navigate({ to: '/services/$link/general', params: { link: copy.linkName } })
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    }
  }
}
