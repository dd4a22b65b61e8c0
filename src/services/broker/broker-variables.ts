/** Reads the environment variables that the broker of a design names. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { type Broker, variablesOfBroker } from '../../model/broker/broker.ts'
import { serversIn } from './open-broker.ts'

/** Where the values come from, and how errors name a missing one. */
export interface BrokerVariablesSource {
  readonly env: Readonly<Record<string, string | undefined>>
  /** In production every variable must be set. In development, nothing is published or received without them. */
  readonly mode: 'development' | 'production'
}

/**
 * Reads the variables. Empty ones count as missing.
 *
 * @throws EnvironmentError that names every missing or wrong variable, and never a value.
 */
export function brokerVariables(broker: Broker | null, { env, mode }: BrokerVariablesSource): ReadonlyMap<string, string> {
  if (broker === null) return new Map()
  const values = new Map<string, string>()
  const problems: string[] = []
  for (const name of variablesOfBroker(broker)) {
    const value = env[name] ?? ''
    if (value !== '') values.set(name, value)
    else if (mode === 'production') problems.push(`${name} is not set, and the broker needs it`)
  }
  const servers = values.get(broker.servers)
  const problem = servers === undefined ? null : serversProblem(serversIn(servers), { broker, mode })
  if (problem !== null) problems.push(`${broker.servers} ${problem}`)
  for (const [name, rule] of rulesOf(broker)) {
    const value = values.get(name)
    if (value !== undefined && !rule.fits.test(value)) problems.push(`${name} ${rule.says}`)
  }
  if (problems.length > 0)
    throw new EnvironmentError(problems.join('\n'), 'the variables are named under integrations.broker of the design')
  return values
}

/** What is wrong with the addresses of servers, as the end of a sentence; null for nothing. */
function serversProblem(
  servers: readonly string[],
  { broker, mode }: { readonly broker: Broker; readonly mode: BrokerVariablesSource['mode'] },
): string | null {
  if (servers.length === 0) return 'has no address'
  if (broker.kind === 'kafka')
    return servers.every((server) => /^[\w.-]+:\d{1,5}$/.test(server)) ? null : 'has no addresses such as kafka.example.com:9092'
  for (const server of servers) {
    const url = URL.canParse(server) ? new URL(server) : null
    if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '')
      return 'has no addresses such as tls://nats.example.com:4222'
    if (url.username !== '' || url.password !== '') return 'has a user or a password; name the variables under auth'
    if (url.pathname.length > 1 || url.search !== '' || url.hash !== '') return 'has an address with a path'
    if (mode === 'production' && broker.tls === 'required' && url.protocol !== 'tls:')
      return 'has an address without TLS: write tls://, or tls: preferred in the design if the network is trusted'
  }
  return null
}

interface Rule {
  readonly fits: RegExp
  /** The end of a sentence. */
  readonly says: string
}

const PEM: Rule = { fits: /^\s*-----BEGIN [A-Z0-9 ]+-----/, says: 'is not in PEM: it is the text of a file, and not its path' }
const CREDS: Rule = {
  fits: /-----BEGIN NATS USER JWT-----[\s\S]+-----BEGIN USER NKEY SEED-----/,
  says: 'is not the content of a file of credentials of NATS',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused
const TEXT: Rule = { fits: /^[^\x00-\x1f\x7f]*$/, says: 'has a line break or another control character' }

function rulesOf({ auth, ca }: Broker): readonly (readonly [name: string, rule: Rule])[] {
  const authority = ca === null ? [] : [[ca, PEM] as const]
  switch (auth.kind) {
    case 'none':
      return authority
    case 'password':
      return [...authority, [auth.user, TEXT], [auth.password, TEXT]]
    case 'token':
      return [...authority, [auth.token, TEXT]]
    case 'creds':
      return [...authority, [auth.creds, CREDS]]
    case 'certificate':
      return [...authority, [auth.certificate, PEM], [auth.key, PEM]]
  }
}
