/** `POST /v1/services/import`: drafts from documents, commands and servers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Imported, routes } from '@mooring/contract'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

async function imports(body: object): Promise<Imported> {
  const answer = await server.call('POST', '/v1/services/import', body)
  expect(answer.status, answer.text).toBe(200)
  return routes.importServices.reply.parse(answer.body)
}

describe('curl', () => {
  test('a bearer token becomes a draft that is taken as it is, and the token is nowhere', async () => {
    const secret = 'sk_live_51Habcdef0123456789'
    const { services, notes, missing } = await imports({
      curl: `curl https://api.example.com/v1/me -H "Authorization: Bearer ${secret}" -H 'Notion-Version: 2022-06-28'`,
    })
    expect(services).toHaveLength(1)
    expect(services[0]).toMatchObject({
      stage: 'draft',
      auth: { type: 'bearer', tokenPrefix: 'Bearer' },
      baseUrl: 'https://api.example.com',
      hosts: ['api.example.com'],
      headers: { 'Notion-Version': '2022-06-28' },
      probe: { method: 'GET', path: '/v1/me' },
    })
    expect(missing).toEqual([])
    expect(JSON.stringify([services, notes])).not.toContain(secret)
    const made = await server.call('POST', '/v1/services', { ...services[0], stage: 'ready' })
    expect(made.status, made.text).toBe(201)
    expect(server.logged()).not.toContain(secret)
  })
})

test('YAML and JSON of one OpenAPI document make the same drafts', async () => {
  const openapi = {
    openapi: '3.0.3',
    info: { title: 'Books', version: '1' },
    servers: [
      { url: 'https://{region}.api.example.com/v2', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } },
    ],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        oauth: {
          type: 'oauth2',
          flows: {
            authorizationCode: {
              authorizationUrl: 'https://login.example.com/authorize',
              tokenUrl: 'https://login.example.com/token',
              scopes: { 'books:read': 'Read books' },
            },
          },
        },
      },
    },
    security: [{ oauth: ['books:read'] }, { key: [] }],
    paths: {},
  }
  const { stringify } = await import('yaml')
  const [fromObject, fromJson, fromYaml] = await Promise.all([
    imports({ openapi }),
    imports({ openapi: JSON.stringify(openapi) }),
    imports({ openapi: stringify(openapi) }),
  ])
  expect(fromJson).toEqual(fromObject)
  expect(fromYaml).toEqual(fromObject)
  expect(fromObject).toMatchInlineSnapshot(`
    {
      "missing": [
        {
          "code": "required",
          "message": "Fill this in.",
          "path": "auth.clientId",
          "service": 0,
        },
        {
          "code": "required",
          "message": "Fill this in.",
          "path": "auth.clientSecret",
          "service": 0,
        },
      ],
      "notes": [],
      "services": [
        {
          "auth": {
            "authorizationUrl": "https://login.example.com/authorize",
            "grantType": "authorization_code",
            "tokenUrl": "https://login.example.com/token",
            "type": "oauth2",
          },
          "baseUrl": "https://{region}.api.example.com/v2",
          "hosts": [
            "{region}.api.example.com",
          ],
          "name": "Books - oauth",
          "placeholders": [
            {
              "example": "eu",
              "label": "region",
              "name": "region",
              "pattern": "^(?:eu|us)$",
            },
          ],
          "scopeDelimiter": "space",
          "scopes": [
            {
              "name": "Read books",
              "value": "books:read",
            },
          ],
          "stage": "draft",
        },
        {
          "auth": {
            "parameters": [
              {
                "key": "X-Api-Key",
                "location": "header",
                "name": "key",
              },
            ],
            "type": "api_key",
          },
          "baseUrl": "https://{region}.api.example.com/v2",
          "hosts": [
            "{region}.api.example.com",
          ],
          "name": "Books - key",
          "placeholders": [
            {
              "example": "eu",
              "label": "region",
              "name": "region",
              "pattern": "^(?:eu|us)$",
            },
          ],
          "stage": "draft",
        },
      ],
    }
  `)
})
