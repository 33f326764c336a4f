/** The parts of a service besides how it authenticates, declared as the server declares the rest: one way to draw both. */
import type { FormField } from '@mooring/sdk'

const plain = { required: false, advanced: false } as const

export const nameField: FormField = {
  ...plain,
  name: 'name',
  title: 'Service Name',
  description: 'What people see when they choose it; some call it Connector Name.',
  kind: 'text',
  required: true,
  maxLength: 50,
}

export const linkNameField: FormField = {
  ...plain,
  name: 'linkName',
  title: 'Service Link Name',
  kind: 'text',
  maxLength: 50,
}

export const descriptionField: FormField = {
  ...plain,
  name: 'description',
  title: 'Description',
  kind: 'text',
  maxLength: 255,
}

/** The heading of what few APIs need. */
const rare = 'More about the API'

/** Where calls go. */
export const apiFields: FormField[] = [
  {
    ...plain,
    name: 'baseUrl',
    title: 'Base URL',
    description: 'Where the paths of calls begin. Its host may be sent the credential.',
    kind: 'url',
    example: 'https://api.example.com/v1',
    // Not "optional": either this or a host is needed.
    default: '',
  },
  {
    ...plain,
    name: 'hosts',
    title: 'Hosts',
    description:
      'Further hosts that may be sent the credential; no others ever are. *.example.com takes every name below.',
    kind: 'strings',
    example: 'uploads.example.com',
    maxItems: 100,
    default: [],
  },
  {
    ...plain,
    name: 'probe',
    title: 'Test request',
    description: 'A cheap call that proves a credential: it is sent right after connecting, and by Test.',
    kind: 'group',
    fields: [
      {
        ...plain,
        name: 'method',
        title: 'Method',
        kind: 'choice',
        choices: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((value) => ({ value, label: value })),
        default: 'GET',
      },
      {
        ...plain,
        name: 'path',
        title: 'Path',
        description: 'Under the base URL.',
        kind: 'text',
        example: '/me',
      },
      {
        ...plain,
        name: 'url',
        title: 'Whole URL',
        description: 'In place of a path, where the test goes elsewhere.',
        kind: 'url',
        advanced: true,
        section: 'More about the test request',
      },
      {
        ...plain,
        name: 'headers',
        title: 'Headers',
        kind: 'map',
        advanced: true,
        section: 'More about the test request',
      },
      { ...plain, name: 'body', title: 'Body', kind: 'text', advanced: true, section: 'More about the test request' },
    ],
  },
  {
    ...plain,
    name: 'headers',
    title: 'Headers',
    description: 'Constants added to every call, such as Notion-Version.',
    kind: 'map',
    advanced: true,
    section: rare,
    default: {},
  },
  {
    ...plain,
    name: 'placeholders',
    title: 'Placeholders',
    description: 'Parts of URLs that each connection fills in: write {domain} in a URL, and declare domain here.',
    kind: 'list',
    advanced: true,
    section: rare,
    maxItems: 20,
    default: [],
    fields: [
      { ...plain, name: 'name', title: 'Name', kind: 'text', required: true, example: 'domain' },
      {
        ...plain,
        name: 'label',
        title: 'Label',
        description: 'What whoever connects is asked for.',
        kind: 'text',
        required: true,
        example: 'Domain ID',
      },
      { ...plain, name: 'example', title: 'Example', kind: 'text', example: 'acme' },
      {
        ...plain,
        name: 'pattern',
        title: 'Pattern',
        description: 'A regular expression that the whole value must match. Empty: one word without dots.',
        kind: 'text',
      },
    ],
  },
  {
    ...plain,
    name: 'anyHost',
    title: 'Any host',
    description: 'The credential may be sent to whatever host a caller names. Only where the hosts cannot be known.',
    kind: 'boolean',
    advanced: true,
    section: rare,
    default: false,
  },
]

export const scopesField: FormField = {
  ...plain,
  name: 'scopes',
  title: 'Scopes',
  kind: 'list',
  maxItems: 50,
  default: [],
  fields: [
    {
      ...plain,
      name: 'name',
      title: 'Scope Display Name',
      kind: 'text',
      description: 'Made from the value if empty.',
      example: 'Read contacts',
      maxLength: 100,
    },
    {
      ...plain,
      name: 'value',
      title: 'Scope Value',
      kind: 'text',
      required: true,
      example: 'contacts.read',
      maxLength: 500,
    },
  ],
}

export const scopeDelimiterField: FormField = {
  ...plain,
  name: 'scopeDelimiter',
  title: 'Scope Delimiter',
  description: 'What the provider expects between scopes.',
  kind: 'choice',
  choices: [
    { value: 'comma', label: 'Comma ( , )' },
    { value: 'space', label: 'Space' },
    { value: 'plus', label: 'Plus ( + )' },
    { value: 'semicolon', label: 'Semicolon ( ; )' },
  ],
  default: 'comma',
}

/** Everything that a service has besides its authentication. */
export const generalFields: FormField[] = [
  nameField,
  linkNameField,
  descriptionField,
  ...apiFields,
  scopesField,
  scopeDelimiterField,
]
