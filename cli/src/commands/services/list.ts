import { command } from '../../command.ts'
import { UsageError } from '../../failure.ts'
import { plain } from '../../output.ts'
import { stageWords } from '../../words.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const listServices = command({
  name: 'services list',
  summary: 'List services',
  options: {
    query: { type: 'string', short: 'q', value: 'text', help: 'Only those whose name holds this' },
    stage: { type: 'string', value: 'stage', help: 'Only draft or only ready ones' },
    ...pageOptions,
  },
  examples: [
    ['All of them', 'mooring services list'],
    ['Link names of the ready ones', "mooring services list --stage ready --json | jq -r '.items[].linkName'"],
  ],
  async run({ values }, { client, output }) {
    const { query, stage } = values
    if (stage !== undefined && stage !== 'draft' && stage !== 'ready')
      throw new UsageError('--stage takes draft or ready.')
    const page = await client.services.list({
      ...pageQuery(values),
      ...(query === undefined ? {} : { query }),
      ...(stage === undefined ? {} : { stage }),
    })
    printPage(output, page, {
      headings: ['link name', 'name', 'stage', 'type', 'connections'],
      row: (service) => [
        service.linkName,
        plain(service.name),
        stageWords(service.stage, output.style),
        service.auth?.type ?? '–',
        String(service.connectionCount),
      ],
      none: 'No services. Make one with: mooring services create',
    })
  },
})
