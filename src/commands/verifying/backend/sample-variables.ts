/**
 * Values for the environment variables that a design names: addresses of services, credentials and secrets. The throw-away backend gets
 * these and never the real ones, so that it can reach nothing that belongs to anybody.
 */

import { randomBytes } from 'node:crypto'
import { unreachable } from '../../../base/unreachable.ts'
import type { Broker } from '../../../model/broker/broker.ts'
import type { Configured, HttpService } from '../../../model/http/http-service.ts'
import type { Model } from '../../../model/model.ts'

/** Values by the names of variables. */
export type SampleVariables = Readonly<Record<string, string>>

/**
 * A value for each variable that the design names, of the form that the backend asks for at its start.
 *
 * @param receiver the origin of a receiver on this machine, such as `http://127.0.0.1:4000`. All addresses lead to it.
 */
export function sampleVariables(model: Model, receiver: string): SampleVariables {
  const address = (one: Configured | null, path: string): SampleVariables =>
    one?.kind === 'variable' ? { [one.name]: `${receiver}/${path}` } : {}
  return Object.assign(
    {},
    ...model.acceptedBackends.map(({ name, issuer }) => address(issuer, `backends/${name}`)),
    ...model.httpServices.map((service) => ofService(service, address)),
    ...(model.broker === null ? [] : [ofBroker(model.broker, new URL(receiver).host)]),
    ...model.webhooks.map((webhook) =>
      webhook.kind === 'fixed'
        ? {
            ...(webhook.url.kind === 'variable' ? { [webhook.url.variable]: `${receiver}/webhooks/${webhook.name}` } : {}),
            [webhook.secret]: signingSecret(),
          }
        : {},
    ),
    ...model.actions.map(({ address: { signed } }) => (signed === null ? {} : { [signed.secret]: signingSecret() })),
  )
}

/** A secret in the form of Standard Webhooks, which is also a text of enough characters for an HMAC. */
function signingSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`
}

function text(): string {
  return randomBytes(24).toString('hex')
}

function ofService(
  { name, baseUrl, auth }: HttpService,
  address: (one: Configured | null, path: string) => SampleVariables,
): SampleVariables {
  const own = address(baseUrl, `services/${name}`)
  switch (auth.kind) {
    case 'none':
      return own
    case 'bearer':
      return { ...own, [auth.token]: text() }
    case 'header':
      return { ...own, [auth.value]: text() }
    case 'basic':
      return { ...own, [auth.user]: text(), [auth.password]: text() }
    case 'oauth':
      return { ...own, ...address(auth.tokenUrl, `services/${name}/token`), [auth.client]: text(), [auth.secret]: text() }
    case 'signed':
      return { ...own, ...address(auth.audience, `services/${name}`) }
    default:
      return unreachable(auth)
  }
}

/** A broker that is not there: the receiver answers no such protocol. Certificates and credentials have only the form of some. */
function ofBroker({ kind, servers, auth, ca }: Broker, host: string): SampleVariables {
  const own = {
    [servers]: kind === 'kafka' ? host : `tls://${host}`,
    ...(ca === null ? {} : { [ca]: pem('CERTIFICATE') }),
  }
  switch (auth.kind) {
    case 'none':
      return own
    case 'password':
      return { ...own, [auth.user]: text(), [auth.password]: text() }
    case 'token':
      return { ...own, [auth.token]: text() }
    case 'creds':
      return { ...own, [auth.creds]: `-----BEGIN NATS USER JWT-----\n${text()}\n-----BEGIN USER NKEY SEED-----\n${text()}` }
    case 'certificate':
      return { ...own, [auth.certificate]: pem('CERTIFICATE'), [auth.key]: pem('PRIVATE KEY') }
    default:
      return unreachable(auth)
  }
}

function pem(what: string): string {
  return `-----BEGIN ${what}-----\n${randomBytes(48).toString('base64')}\n-----END ${what}-----\n`
}
