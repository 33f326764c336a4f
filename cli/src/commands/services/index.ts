import type { Group } from '../../command.ts'
import { serviceCatalogue } from './catalogue.ts'
import { cloneService } from './clone.ts'
import { createService } from './create.ts'
import { deleteService } from './delete.ts'
import { importService } from './import.ts'
import { listServices } from './list.ts'
import { readyService } from './ready.ts'
import { serviceScopes } from './scopes.ts'
import { showService } from './show.ts'
import { serviceTypes } from './types.ts'

export const services: Group = {
  name: 'services',
  summary: 'Describe how an API is authenticated',
  commands: [
    listServices,
    showService,
    serviceCatalogue,
    createService,
    importService,
    readyService,
    cloneService,
    deleteService,
    serviceScopes,
    serviceTypes,
  ],
}
