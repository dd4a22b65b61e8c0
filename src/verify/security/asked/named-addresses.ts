/** F202: an address that a caller names makes the backend connect to nothing on its own machine. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { countingConnections } from '../doors/counted-connections.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** Spellings of this machine, as careless checks take for another one. */
const HOSTS: readonly string[] = [
  ...['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0.0.0.0', '127.0.0.1.', 'LOCALHOST'],
  ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::]', 'user@127.0.0.1', 'example.com@127.0.0.1', '127.0.0.1%2f'],
]

/** The claim about the addresses of an entity. None where no caller can send one. */
export function namedAddresses(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const fields = entity.fields.filter(({ type }) => type.kind === 'scalar' && type.scalar === 'url').map(({ name }) => name)
  const writes = (['create', 'update'] as const).flatMap((verb) => {
    const found = requestAnswered(asking, { entity, verb, statuses: [200, 201] })
    const { user = null } = found ?? {}
    const open = fields.filter((name) => asking.reference.sightOf(user).kind.writable(entity.name).has(name))
    return found === null ? [] : open.map((name) => probeOf(asking, { entity, verb, name, found }))
  })
  return familyOf(
    {
      of: 'F202',
      entity: entity.name,
      claim: `No address in a ${entity.name} makes the backend connect to its own machine while it answers (OWASP API7).`,
      text: `${HOSTS.length} spellings of this machine in each field for addresses, and a listener that counts connections`,
      oracle: 'a listener on the loopback addresses, IPv4 and IPv6: it gets no connection',
    },
    writes,
  )
}

interface Writing {
  readonly entity: Entity
  readonly verb: 'create' | 'update'
  readonly name: string
  readonly found: UsualRequest
}

function probeOf({ reference }: PlannedWorld, { entity, verb, name, found: { user, request } }: Writing): SecurityProbe {
  const having = (value: string): AbstractRequest => {
    if (request.kind === 'create') return { ...request, rows: request.rows.map((row) => ({ ...row, [name]: value })) }
    return request.kind === 'update' ? { ...request, body: { [name]: value } } : request
  }
  const sentTo = (address: string): SentOverHttp => httpRequestOf(reference.model, having(address))
  return {
    goal: `${name}/${verb}`,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'a request names an address, and the backend has no reason to connect to it'
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      const connections = await countingConnections(async (port) => {
        for (const host of HOSTS) {
          const sent = sentTo(`http://${host}:${port}/x`)
          const answer = await tools.send({ ...sent, token })
          last = { sent, answer }
          if (answer.status >= 500) return
          // Otherwise the next create would be refused where values are unique.
          if (answer.status === 201) await tools.removeRow(entity.name, String(answer.json?.id)).catch(() => {})
        }
      })
      const { sent, answer } = last ?? { sent: sentTo(''), answer: await tools.send({ ...sentTo(''), token }) }
      const wrong =
        answer.status >= 500 ? `status ${answer.status}` : connections === 0 ? null : `${connections} connections to this machine`
      return { wrong, statuses: [answer.status], why, sent, answer }
    },
    // Whether such an address may be stored depends on what the design does with it.
    rows: () => null,
  }
}
