/** The environment variables that a design names: addresses, names and secrets of other systems. */

import { variablesOfBroker } from '../broker/broker.ts'
import { variablesOfService } from '../http/http-service.ts'
import type { Model } from '../model.ts'

/** Their names, each once. */
export function namedVariables({ acceptedBackends, httpServices, broker, webhooks, actions }: Model): readonly string[] {
  const names = [
    ...acceptedBackends.flatMap(({ issuer }) => (issuer.kind === 'variable' ? [issuer.name] : [])),
    ...httpServices.flatMap(variablesOfService),
    ...(broker === null ? [] : variablesOfBroker(broker)),
    ...webhooks.flatMap((webhook) =>
      webhook.kind === 'fixed' ? [...(webhook.url.kind === 'variable' ? [webhook.url.variable] : []), webhook.secret] : [],
    ),
    ...actions.flatMap(({ address: { signed } }) => (signed === null ? [] : [signed.secret])),
  ]
  return [...new Set(names)]
}
