/**
 * `npm run screenshots [name …]`: every page at desktop and phone width, in light and dark, into `screenshots/`.
 * The data is made through the API, as a lively installation would hold it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { furnish } from './furnish.ts'
import { owner, popupOf, setUp, signIn } from './people.ts'
import { rotations, showRotation } from './rotations.ts'
import { startWorld } from './world.ts'

const folder = join(import.meta.dirname, '..', '..', 'screenshots')
const widths = { desktop: [1440, 900], phone: [390, 844] } as const

interface Shot {
  name: string
  path: string
  /** Brings the page into the state to be seen. */
  act?: (page: Page) => Promise<void>
  /** Before anybody has signed in. */
  outside?: true
}

const shots: Shot[] = [
  { name: 'login', path: '/login', outside: true },
  { name: 'setup', path: '/setup', outside: true },
  { name: 'connections', path: '/connections' },
  { name: 'connections-attention', path: '/connections?show=attention' },
  { name: 'connections-no-match', path: '/connections?query=acme' },
  {
    name: 'connections-revoke',
    path: '/connections',
    act: async (page) => {
      const row = page
        .getByRole('row')
        .or(page.getByRole('listitem'))
        .filter({ hasText: 'CRM production', visible: true })
      await row.getByRole('button', { name: /^More actions|^Actions/ }).click()
      await page.getByRole('menuitem', { name: 'Revoke' }).click()
    },
  },
  { name: 'pick-service', path: '/connections/new' },
  { name: 'pick-service-custom', path: '/connections/new?tab=custom' },
  { name: 'pick-service-ways', path: '/connections/new?query=jira' },
  { name: 'pick-service-category', path: '/connections/new?category=crm&type=oauth2' },
  { name: 'pick-service-no-match', path: '/connections/new?query=acme' },
  { name: 'connection-details', path: '/connections/new/sandbox_oauth2' },
  { name: 'connection-details-catalogue', path: '/connections/new/github?from=catalogue' },
  { name: 'connection-details-placeholders', path: '/connections/new/salesforce?from=catalogue' },
  { name: 'connection-details-draft', path: '/connections/new/harbour_crm' },
  {
    name: 'connection-details-errors',
    path: '/connections/new/zoho-crm?from=catalogue',
    act: async (page) => {
      await page.getByLabel('Connection Name').fill('(CRM)')
      await page.getByRole('radio', { name: /^Per user/ }).check()
      await page.getByRole('button', { name: 'Create and Connect' }).click()
    },
  },
  {
    name: 'connecting-waiting',
    path: '/connections',
    act: async (page) => {
      const popup = await popupOf(page, async () => connectCalendar(page))
      await page.getByText(/say the redirect URI does not match/).waitFor()
      await popup.close()
    },
  },
  {
    name: 'connecting-refused',
    path: '/connections/new/fleet_tracker',
    act: async (page) => {
      const popup = await popupOf(page, async () => page.getByRole('button', { name: 'Create and Connect' }).click())
      await popup.getByRole('button', { name: 'Cancel' }).click()
      await page.getByText('Technical details').click()
      await popup.close()
    },
  },
  {
    name: 'connecting-blocked',
    path: '/connections',
    act: async (page) => {
      await page.evaluate(() => {
        window.open = () => null
      })
      await connectCalendar(page)
      await page.getByText('Your browser blocked the sign-in window').waitFor()
    },
  },
  {
    name: 'connecting-values',
    path: '/connections/new/weather',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create and Connect' }).click()
      await page.getByLabel('Your weather key').fill(' wrong ')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByText(/said no to this/).waitFor()
    },
  },
  {
    name: 'connecting-device',
    path: '/connections/living_room',
    act: async (page) => {
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByRole('region', { name: 'Authorizing on another device' }).waitFor()
    },
  },
  {
    name: 'connecting-user',
    path: '/connections/team_inbox',
    act: async (page) => {
      await page.getByRole('button', { name: 'Authorize for a user' }).click()
      await page.getByRole('button', { name: 'Continue' }).click()
    },
  },
  { name: 'summary', path: '/connections/crm_production' },
  { name: 'summary-not-connected', path: '/connections/calendar' },
  { name: 'summary-reconnect', path: '/connections/crm_staging' },
  { name: 'summary-rescoped', path: '/connections/nightly_export' },
  { name: 'summary-per-user', path: '/connections/team_inbox' },
  { name: 'summary-missing', path: '/connections/crm_prod' },
  {
    name: 'summary-tested',
    path: '/connections/crm_production',
    act: async (page) => {
      await page.getByRole('button', { name: 'Test', exact: true }).click()
      await page
        .getByText(/^Test (passed|failed)$/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'summary-revoke',
    path: '/connections/crm_production',
    act: async (page) => {
      await page.getByRole('button', { name: 'Revoke', exact: true }).click()
      await page.getByRole('alertdialog').getByText('in the last 7 days').waitFor()
    },
  },
  {
    name: 'summary-delete',
    path: '/connections/crm_production/settings',
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete connection' }).click()
      await page.getByRole('dialog').getByText('in the last 7 days').waitFor()
    },
  },
  {
    name: 'summary-share',
    path: '/connections/calendar',
    act: async (page) => {
      await page.getByRole('button', { name: 'Share connect link' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'summary-revoked', path: '/connections/old_crm' },
  { name: 'summary-activity', path: '/connections/crm_production/activity' },
  { name: 'summary-use', path: '/connections/crm_production/use' },
  { name: 'summary-settings', path: '/connections/crm_production/settings' },
  { name: 'services', path: '/services' },
  { name: 'service-new', path: '/services/new' },
  { name: 'services-no-match', path: '/services?query=acme' },
  { name: 'service-quick', path: '/services/new?form=quick' },
  {
    name: 'service-quick-wrong',
    path: '/services/new?form=quick&name=Weather',
    act: async (page) => {
      await page.getByRole('radio', { name: 'API Key' }).click()
      await page.getByLabel('Base URL').fill('api.example.com')
      await page.getByRole('button', { name: 'Create Service' }).click()
      await page.getByText('There is a problem').waitFor()
    },
  },
  ...['Session', 'JWT', 'Digest', 'HMAC', 'Client Certificate', 'AWS Signature'].map(typeShot),
  { name: 'service-start', path: '/services/new?form=start' },
  {
    name: 'service-start-wrong',
    path: '/services/new?form=start&source=openapi',
    act: async (page) => {
      await page.getByRole('textbox', { name: /document/ }).fill('{"swagger": "1.2"}')
      await page.getByRole('button', { name: 'See what it makes' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'service-start-drafts', path: '/services/new?form=start&source=openapi', act: startFromBooks },
  {
    name: 'service-started',
    path: '/services/new?form=start&source=openapi',
    act: async (page) => {
      await startFromBooks(page)
      await page.getByRole('button', { name: 'Create draft' }).click()
      await page.getByText('Started from').waitFor()
    },
  },
  {
    name: 'service-file-changes',
    path: '/services/new?form=start&source=file',
    act: async (page) => giveFile(page, {}),
  },
  {
    name: 'service-file-frozen',
    path: '/services/new?form=start&source=file',
    act: async (page) => giveFile(page, { auth: { type: 'basic' } }),
  },
  {
    name: 'service-export',
    path: '/services/fleet_tracker/general',
    act: async (page) => {
      await page.getByRole('button', { name: 'More actions for Fleet tracker' }).click()
      await page.getByRole('menuitem', { name: 'Export' }).click()
      await page.getByRole('dialog').getByText('kind: service').waitFor()
    },
  },
  { name: 'builder-general', path: '/services/harbour_crm/general' },
  { name: 'builder-security', path: '/services/harbour_crm/security' },
  {
    name: 'builder-security-checked',
    path: '/services/half_done/security',
    act: async (page) => {
      await page.getByText('Provider specifics').click()
      await page.getByRole('button', { name: 'Mark as Ready' }).click()
      await page.getByLabel('Token URL').first().scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'builder-ask-ready',
    path: '/services/harbour_crm/security',
    act: async (page) => {
      await page.getByRole('button', { name: 'Mark as Ready' }).click()
    },
  },
  {
    name: 'builder-change-type',
    path: '/services/harbour_crm/security',
    act: async (page) => {
      await page.getByRole('button', { name: 'Change Authentication Type' }).click()
      await page.getByRole('radio', { name: 'Basic' }).click()
    },
  },
  { name: 'builder-scopes', path: '/services/harbour_crm/scopes' },
  {
    name: 'builder-scopes-paste',
    path: '/services/harbour_crm/scopes',
    act: async (page) => {
      await page.getByRole('button', { name: 'Paste many' }).click()
      await page.getByRole('textbox', { name: 'Scopes' }).fill('read contacts.read, contacts.write"x contacts.read')
    },
  },
  { name: 'builder-scopes-locked', path: '/services/fleet_tracker/scopes' },
  { name: 'builder-no-scopes', path: '/services/half_done/scopes' },
  { name: 'builder-new', path: '/services/named_only/security' },
  { name: 'builder-ready', path: '/services/weather/security' },
  { name: 'builder-ready-oauth', path: '/services/fleet_tracker/security' },
  { name: 'builder-connections', path: '/services/weather/connections' },
  { name: 'activity', path: '/activity' },
  { name: 'activity-failed', path: '/activity?ok=false' },
  { name: 'activity-no-match', path: '/activity?connection=calendar&ok=false&from=1h' },
  {
    name: 'activity-open',
    path: '/activity?type=connection.invoked',
    act: async (page) => {
      await page.getByRole('link', { name: 'GET' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'try', path: '/try?connection=crm_production' },
  {
    name: 'try-answer',
    path: '/try?connection=coast_forecast&method=POST&path=/items%3Fpage%3D2',
    act: async (page) => {
      await page.getByLabel('Body', { exact: true }).fill('{ "name": "Berth 4", "depth": 3.5 }')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('tab', { name: 'Body' }).waitFor()
    },
  },
  {
    name: 'try-refused',
    path: '/try?connection=coast_forecast&path=https://elsewhere.example/x',
    act: async (page) => {
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'try-reconnect', path: '/try?connection=crm_staging' },
  {
    name: 'try-picker',
    path: '/try',
    act: async (page) => {
      await page.getByLabel('Connection', { exact: true }).click()
      await page.getByRole('option').first().waitFor()
    },
  },
  { name: 'users', path: '/settings/users' },
  { name: 'api-keys', path: '/settings/api-keys' },
  { name: 'audit-log', path: '/settings/audit-log' },
  { name: 'instance', path: '/settings/instance' },
  { name: 'encryption', path: '/settings/encryption' },
  {
    name: 'encryption-confirm',
    path: '/settings/encryption',
    act: async (page) => {
      await page.getByRole('button', { name: 'Rotate', exact: true }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  ...Object.entries(rotations).map(([state, job]) => ({
    name: `encryption-${state}`,
    path: '/settings/encryption',
    act: async (page: Page) => showRotation(page, job),
  })),
  { name: 'me', path: '/settings/me' },
  {
    name: 'login-wrong',
    path: '/login',
    outside: true,
    act: async (page) => {
      await page.getByLabel('E-mail address').fill('somebody@example.com')
      await page.getByLabel('Password', { exact: true }).fill('not this one')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'invite-dead', path: '/invite#token=gone', outside: true },
  { name: 'reset', path: '/reset#token=unknown', outside: true },
  {
    name: 'users-invite',
    path: '/settings/users',
    act: async (page) => page.getByRole('button', { name: 'Invite somebody' }).click(),
  },
  {
    name: 'users-menu',
    path: '/settings/users',
    act: async (page) => page.getByRole('button', { name: 'Actions for Ana Archer' }).click(),
  },
  {
    name: 'users-remove',
    path: '/settings/users',
    act: async (page) => {
      await page.getByRole('button', { name: 'Actions for Ana Archer' }).click()
      await page.getByRole('menuitem', { name: 'Remove' }).click()
    },
  },
  {
    name: 'api-keys-create',
    path: '/settings/api-keys',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByRole('checkbox').first().waitFor()
    },
  },
  {
    name: 'api-keys-made',
    path: '/settings/api-keys',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByLabel('Name').fill('Report')
      await page.getByRole('checkbox').first().check()
      await page.getByRole('button', { name: 'Create key' }).last().click()
      await page.getByRole('button', { name: "I've saved this key" }).waitFor()
    },
  },
  {
    name: 'api-keys-roll',
    path: '/settings/api-keys',
    act: async (page) => page.getByRole('button', { name: 'Roll Deploy script' }).click(),
  },
  {
    name: 'audit-log-open',
    path: '/settings/audit-log',
    act: async (page) => {
      await page.getByRole('button', { name: 'Verify' }).click()
      await page
        .getByRole('button', { name: /^Details/ })
        .first()
        .click()
    },
  },
  {
    name: 'palette',
    path: '/connections',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').waitFor()
    },
  },
  {
    name: 'palette-no-match',
    path: '/connections',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('acme')
    },
  },
  {
    name: 'shortcuts',
    path: '/connections',
    act: async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'missing', path: '/nowhere' },
]

/** The one-page form of a type. */
function typeShot(title: string): Shot {
  return {
    name: `service-type-${title.toLowerCase().replaceAll(' ', '-')}`,
    path: '/services/new?form=quick&name=Harbour',
    act: async (page) => {
      await page.getByRole('radio', { name: title }).click()
      await page.getByLabel('Base URL').fill('https://api.harbour.example/v1')
    },
  }
}

async function connectCalendar(page: Page): Promise<void> {
  const place = page.locator('tr, li').filter({ hasText: 'Calendar' })
  await place.getByRole('button', { name: 'Connect', exact: true }).click()
}

/** Two ways in, and a third that cannot be taken over. */
async function startFromBooks(page: Page): Promise<void> {
  const oauth = {
    authorizationUrl: 'https://login.example.com/authorize',
    tokenUrl: 'https://login.example.com/token',
    scopes: { 'books:read': 'Read books', 'books:write': 'Change books' },
  }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Books', version: '1', description: 'Shelves, readers and loans.' },
    servers: [{ url: 'https://{region}.api.example.com/v2', variables: { region: { default: 'eu' } } }],
    components: {
      securitySchemes: {
        oauth: { type: 'oauth2', flows: { authorizationCode: oauth } },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        old: { type: 'http', scheme: 'hoba' },
      },
    },
    security: [{ oauth: ['books:read'] }, { key: [] }, { old: [] }],
    paths: {},
  }
  await page.getByRole('textbox', { name: /document/ }).fill(JSON.stringify(document, null, 2))
  await page.getByRole('button', { name: 'See what it makes' }).click()
  await page.getByRole('button', { name: 'Create draft' }).waitFor()
}

/** The Fleet tracker's own file, with other hosts and a scope more, and what else is given. */
async function giveFile(page: Page, more: object): Promise<void> {
  const file = await world.client.services.export('fleet_tracker')
  const scopes = [...(file.scopes ?? []), { name: 'Read berths', value: 'berths.read' }]
  const changed = { ...file, scopes, hosts: ['api.fleet.example'], baseUrl: 'https://api.fleet.example/v2', ...more }
  await page.getByRole('textbox', { name: 'The definition' }).fill(JSON.stringify(changed, null, 2))
  await page.getByRole('button', { name: 'See what it makes' }).click()
  await page.getByText(/is here already$/).waitFor()
}

const wanted = process.argv.slice(2)
const chosen = shots.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
const world = await startWorld()
try {
  mkdirSync(folder, { recursive: true })
  const first = await world.context()
  const page = await setUp(world, first)
  await furnish(world, page)
  for (const [width, size] of Object.entries(widths)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const [pixels, height] = size
      const context = await world.context({ colorScheme, width: pixels, height })
      const outside = await world.context({ colorScheme, width: pixels, height })
      const inside = await world.page(context)
      await signIn(inside, world, owner)
      const stranger = await world.page(outside)
      for (const shot of chosen) {
        const on = shot.outside === true ? stranger : inside
        await on.goto(world.url + shot.path)
        await on.getByRole('heading', { level: 1 }).first().waitFor()
        // Never quiet for good: the page listens for events.
        await on.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached', timeout: 10_000 })
        await shot.act?.(on).catch((error: unknown) => {
          process.stderr.write(`${shot.name}: ${error instanceof Error ? error.message : String(error)}\n`)
        })
        await on.waitForTimeout(250)
        await on.screenshot({ path: join(folder, `${shot.name}-${width}-${colorScheme}.png`), fullPage: true })
      }
      await context.close()
      await outside.close()
    }
  }
  process.stdout.write(`${chosen.length * 4} screenshots in ${folder}\n`)
  if (world.faults().length > 0) {
    process.stderr.write(`${[...new Set(world.faults())].join('\n')}\n`)
    process.exitCode = 1
  }
} finally {
  await world.close()
}
