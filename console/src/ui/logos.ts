/**
 * Logos of default services, by the id of their catalogue entry; the others have their initials. Taken from Simple Icons,
 * of which the build keeps these only. Marks of their owners: see NOTICE.
 */
import {
  siDropbox,
  siGithub,
  siGitlab,
  siGoogledrive,
  siHubspot,
  siNotion,
  siStripe,
  siTrello,
  siZoho,
  type SimpleIcon,
} from 'simple-icons'

export const logos: Readonly<Record<string, Pick<SimpleIcon, 'title' | 'path' | 'hex' | 'license'>>> = {
  dropbox: siDropbox,
  github: siGithub,
  github_token: siGithub,
  gitlab: siGitlab,
  google_drive: siGoogledrive,
  hubspot: siHubspot,
  notion: siNotion,
  stripe: siStripe,
  trello: siTrello,
  zoho_crm: siZoho,
}
