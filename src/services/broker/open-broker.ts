/** Opens the connection to the broker of a design. */

import { type Broker, variablesOfBroker } from '../../model/broker/broker.ts'
import type { BrokerConnection, ConnectionDeps, ConnectionSettings } from './broker.ts'

/** What opening needs. */
export interface OpenBroker extends ConnectionDeps {
  readonly broker: Broker
  /** The values of the environment variables that the design names. */
  readonly variables: ReadonlyMap<string, string>
  readonly mode: 'development' | 'production'
  /** The name of this client. */
  readonly client: string
  /** The subjects that the design publishes. */
  readonly subjects: readonly string[]
}

/**
 * Opens the connection, whose modules are loaded only for designs with a broker. Null while a variable is not set, which is possible only
 * in development.
 *
 * @throws EnvironmentError when a package is not installed.
 */
export async function openBroker({ broker, variables, mode, client, subjects, ...deps }: OpenBroker): Promise<BrokerConnection | null> {
  if (variablesOfBroker(broker).some((name) => !variables.has(name))) return null
  const settings = settingsOf(broker, { variables, mode, client })
  if (broker.kind === 'kafka') return (await import('./kafka.ts')).openKafka(settings, deps)
  const { openNats } = await import('./nats.ts')
  return openNats(settings, broker.stream === null ? null : { ...broker.stream, subjects }, deps)
}

/** The addresses in the value of a variable. */
export function serversIn(value: string): readonly string[] {
  return value
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
}

function settingsOf(
  { servers, auth, tls, ca }: Broker,
  { variables, mode, client }: Pick<OpenBroker, 'variables' | 'mode' | 'client'>,
): ConnectionSettings {
  const read = (name: string): string => variables.get(name) ?? ''
  return {
    servers: serversIn(read(servers)),
    auth: authOf(auth, read),
    tls: mode === 'production' ? tls : 'preferred',
    ca: ca === null ? null : read(ca),
    client,
  }
}

function authOf(auth: Broker['auth'], read: (name: string) => string): ConnectionSettings['auth'] {
  switch (auth.kind) {
    case 'none':
      return auth
    case 'password':
      return { kind: 'password', user: read(auth.user), password: read(auth.password) }
    case 'token':
      return { kind: 'token', token: read(auth.token) }
    case 'creds':
      return { kind: 'creds', creds: read(auth.creds) }
    case 'certificate':
      return { kind: 'certificate', certificate: read(auth.certificate), key: read(auth.key) }
  }
}
