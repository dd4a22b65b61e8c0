/** F202: a token that names an address makes the backend connect to nothing. */

import { restBase } from '../../../model/address/served.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type Members, signedByAnother } from '../../expected/forged-tokens.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'
import { countingConnections } from './counted-connections.ts'

/** The members of a token that name where something is: RFC 7515 4.1.2, 4.1.4 and 4.1.5, and the issuer of OpenID Connect Discovery. */
const NAMING: Readonly<Record<string, (address: string) => { readonly header?: Members; readonly payload?: Members }>> = {
  jku: (address) => ({ header: { jku: `${address}/keys` } }),
  'jku-other-key': (address) => ({ header: { jku: `${address}/keys`, kid: 'other' } }),
  x5u: (address) => ({ header: { x5u: `${address}/chain.pem` } }),
  kid: (address) => ({ header: { kid: `${address}/key` } }),
  issuer: (address) => ({ payload: { iss: address } }),
}

/** The claim about addresses in tokens. None for a design without accounts. */
export function namedKeys({ reference: { model }, world }: PlannedWorld): PlannedFamily {
  const [account] = world.accounts
  const me = `${restBase(model)}/auth/me`
  return familyOf(
    {
      of: 'F202',
      entity: null,
      about: 'tokens',
      claim: 'No address in a token makes the backend connect to it (OWASP API7).',
      text: `tokens of another key that name where theirs is: ${Object.keys(NAMING).join(', ')}`,
      oracle: 'a listener on the loopback addresses, IPv4 and IPv6: it gets no connection; RFC 8725 3.10',
    },
    model.identity === null || account === undefined ? [] : Object.keys(NAMING).map((name) => probeOf(name, account, me)),
  )
}

function probeOf(name: string, account: string, me: string): SecurityProbe {
  return {
    goal: name,
    user: account,
    async ask(tools) {
      const genuine = tools.tokenOf(account) ?? ''
      const sent = { method: 'GET', url: me }
      let answer = await tools.send({ ...sent, token: genuine })
      const connections = await countingConnections(async (port) => {
        answer = await tools.send({ ...sent, token: signedByAnother(genuine, NAMING[name]?.(`http://127.0.0.1:${port}`) ?? {}) })
      })
      const refused = answer.status === 401 ? null : `status ${answer.status}`
      const wrong = connections === 0 ? refused : `the backend connected ${connections} times to the address in the token`
      return { wrong, statuses: [401], why: 'keys come from settings, and none from a token', sent, answer }
    },
  }
}
