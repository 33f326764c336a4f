/** The command line of curl, as far as it tells how an API is called (curl's manual page). */
import type { Notes } from './notes.ts'

export interface CurlCall {
  urls: string[]
  /** Names and values as they were written. */
  headers: [name: string, value: string][]
  method?: string
  /** Of -d, --data-urlencode and the like: `name=value` where it is a form. */
  data: string[]
  /** --json, --data-binary @…, -F: a body that is no plain form. */
  otherBody: boolean
  user?: string
  bearer?: string
  cookies: string[]
  aws?: string
  /** True where a client certificate goes along. */
  certificate: boolean
  scheme?: 'digest' | 'ntlm' | 'negotiate'
  get: boolean
}

type Take = (call: CurlCall, value: string, notes: Notes) => void

const ignore: Take = () => undefined
const noted =
  (sentence: string): Take =>
  (_, __, notes) =>
    notes.add(sentence)

const header: Take = (call, value, notes) => {
  const [, name, rest] = /^([^:;]+)[:;]\s*(.*)$/s.exec(value) ?? []
  if (value.startsWith('@')) notes.add('Headers in a file (-H @file) were not read.')
  else if (name !== undefined) call.headers.push([name.trim(), (rest ?? '').trim()])
}
const data: Take = (call, value) => void call.data.push(value)
const otherBody: Take = (call) => void (call.otherBody = true)
const certificate: Take = (call) => void (call.certificate = true)
const proxy = noted('The proxy was left out; the way out is set for the whole server.')

/** Options that take a value. Any other long one is taken to have none. */
const valued: Record<string, Take> = {
  '-H': header,
  '--header': header,
  '-X': (call, value) => void (call.method = value.toUpperCase()),
  '-u': (call, value) => void (call.user = value),
  '-d': data,
  '--data': data,
  '--data-ascii': data,
  '--data-raw': data,
  '--data-urlencode': data,
  '--data-binary': otherBody,
  '--json': otherBody,
  '-F': otherBody,
  '--form': otherBody,
  '--form-string': otherBody,
  '-T': otherBody,
  '--upload-file': otherBody,
  '-b': (call, value) => void call.cookies.push(value),
  '--url': (call, value) => void call.urls.push(value),
  '--aws-sigv4': (call, value) => void (call.aws = value),
  '--oauth2-bearer': (call, value) => void (call.bearer = value),
  '-E': certificate,
  '--cert': certificate,
  '--key': certificate,
  '--pass': certificate,
  '-x': proxy,
  '--proxy': proxy,
  '-U': proxy,
  '--proxy-user': proxy,
  '--proxy-header': proxy,
  '-K': noted('Options in a file (-K) were not read.'),
  '--config': noted('Options in a file (--config) were not read.'),
  '--netrc-file': noted('The credential in a .netrc file was not read.'),
  '--url-query': (call, value) => void call.data.push(value),
}

const aliases: Record<string, string> = { '--request': '-X', '--user': '-u', '--cookie': '-b' }

const ignoredValues = new Set(
  `-A --user-agent -c --cookie-jar -C --continue-at -D --dump-header -e --referer -m --max-time -o --output --output-dir -P
  --ftp-port -Q --quote -r --range -t --telnet-option -w --write-out -y --speed-time -Y --speed-limit -z --time-cond
  --abstract-unix-socket --alt-svc --cacert --capath --cert-type --ciphers --connect-timeout --connect-to --create-file-mode
  --crlfile --curves --delegation --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --doh-url --egd-file --engine
  --etag-compare --etag-save --expect100-timeout --happy-eyeballs-timeout-ms --haproxy-clientip --hostpubmd5
  --hostpubsha256 --hsts --interface --ip-tos --ipfs-gateway --keepalive-cnt --keepalive-time --key-type --krb --libcurl
  --limit-rate --local-port --login-options --mail-auth --mail-from --mail-rcpt --max-filesize --max-redirs --noproxy
  --parallel-max --path-as-is-value --pinnedpubkey --preproxy --proto --proto-default --proto-redir --proxy-cacert
  --proxy-cert --proxy-key --proxy-pass --proxy-ciphers --proxy1.0 --pubkey --random-file --rate --request-target --resolve
  --retry --retry-delay --retry-max-time --sasl-authzid --service-name --socks4 --socks4a --socks5 --socks5-hostname
  --speed-limit --stderr --tls-max --tls13-ciphers --tlsauthtype --tlspassword --tlsuser --trace --trace-ascii
  --trace-config --unix-socket --variable --vlan-priority`.split(/\s+/),
)

const flags: Record<string, Take> = {
  '-G': (call) => void (call.get = true),
  '--get': (call) => void (call.get = true),
  '-I': (call) => void (call.method ??= 'HEAD'),
  '--head': (call) => void (call.method ??= 'HEAD'),
  '--digest': (call) => void (call.scheme = 'digest'),
  '--ntlm': (call) => void (call.scheme = 'ntlm'),
  '--negotiate': (call) => void (call.scheme = 'negotiate'),
  '-k': noted('Certificates are always checked here, whatever -k says.'),
  '--insecure': noted('Certificates are always checked here, whatever --insecure says.'),
  '-n': noted('The credential in a .netrc file was not read.'),
  '--netrc': noted('The credential in a .netrc file was not read.'),
}

/** The first call of a command; `words` are those after `curl`. Notes never quote a word. */
export function curlCall(words: string[], notes: Notes): CurlCall {
  const call: CurlCall = {
    urls: [],
    headers: [],
    data: [],
    otherBody: false,
    cookies: [],
    certificate: false,
    get: false,
  }
  const rest = [...words]
  const value = (name: string, glued: string | undefined): void => {
    const take = valued[name] ?? (ignoredValues.has(name) ? ignore : undefined)
    take?.(call, glued ?? rest.shift() ?? '', notes)
  }
  const takes = (name: string): boolean => name in valued || ignoredValues.has(name)
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--next' || word === '-:') {
      notes.add('Only the first call of the command was looked at.')
      break
    }
    if (word.startsWith('--') && word.length > 2) {
      const [, name = word, glued] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
      const known = aliases[name] ?? name
      if (takes(known)) value(known, glued)
      else flags[known]?.(call, '', notes)
    } else if (/^-[A-Za-z0-9#]/.test(word)) shortOptions(word)
    else if (word !== '--' && word !== '') call.urls.push(word)
  }
  return call

  /** `-sSu user`, `-Hname:value`: letters until one takes what follows. */
  function shortOptions(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const name = `-${word.charAt(at)}`
      if (takes(name)) {
        const glued = word.slice(at + 1)
        value(name, glued === '' ? undefined : glued)
        return
      }
      flags[name]?.(call, '', notes)
    }
  }
}
