/** F208: an action whose requests are signed takes no forged message. */

import { randomBytes } from 'node:crypto'
import type { Action } from '../../../model/action.ts'
import { type Signed, signatureHeaderNames } from '../../../model/address/signed.ts'
import type { LeftOut, PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { actionRequest, whyNoRequest } from '../../requests/action-request.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'
import { type Forgery, forgeriesOf, type Message, type Signer, signedHeaders } from './forgeries.ts'

const NO_SECRET = 'the secret of the sender is not known here'
/** What can be asked without the secret of the sender. */
const WITHOUT_SECRET: ReadonlySet<string> = new Set(['missing', 'empty', 'empty-digest', 'zeros', 'other-secret', 'empty-secret'])

/** The claims about the actions whose requests are signed. */
export function signedRequests(asking: PlannedWorld): readonly PlannedFamily[] {
  return asking.reference.model.actions.flatMap((action) => {
    const { signed } = action.address
    const sent = signed === null ? null : requestTo(asking, action)
    return signed === null || sent === null ? [] : [signedFamily(action, signed, sent)]
  })
}

/** The actions with signed requests to which none can be made. */
export function signedRequestsLeft(asking: PlannedWorld): readonly LeftOut[] {
  const left = asking.reference.model.actions.filter((action) => action.address.signed !== null && requestTo(asking, action) === null)
  const names = left.map(({ name, entity }) => (entity === null ? name : `${entity}.${name}`))
  return names.length === 0 ? [] : [{ what: `forged signatures for ${names.join(', ')}`, why: 'no request to them can be made' }]
}

/** A request with a body that the action could take, without a signature; null if none can be made. */
function requestTo({ reference }: PlannedWorld, action: Action): SentOverHttp | null {
  const why = whyNoRequest(reference, { ...action, address: { ...action.address, signed: null, own: true } })
  return why !== null || action.entity !== null ? null : (actionRequest(reference, { action, row: null, n: 1_500 })?.sent ?? null)
}

function signedFamily(action: Action, signed: Signed, sent: SentOverHttp): PlannedFamily {
  const family = familyOf(
    {
      of: 'F208',
      entity: action.name,
      claim: `${action.name} takes no message that its sender has not signed.`,
      text: `signatures that are missing, empty, cut, lengthened, or of another body, id, time or secret, and right ones with a time outside the tolerance, in ${signatureHeaderNames(signed.scheme).join(', ')}`,
      oracle: 'HMAC over the text that the design says, made by verify; afterwards every row of every entity is compared',
    },
    [forged(signed, { sent, isRead: action.inputs.some(({ from }) => from.in === 'body') })],
  )
  return { ...family, plan: { ...family.plan, path: action.at.map(String) } }
}

const goalsOf = (signed: Signed): readonly string[] => [
  'right',
  ...forgeriesOf({ scheme: signed.scheme, secret: 'x'.repeat(24) }, { body: '', id: 'x', time: '1' }, 1e12).map(({ goal }) => goal),
]

interface Address {
  readonly sent: SentOverHttp
  /** Whether the body is read. Otherwise the action would run with any body whose signature is right. */
  readonly isRead: boolean
}

function forged(signed: Signed, { sent, isRead }: Address): SecurityProbe {
  return {
    goal: 'forged',
    goals: goalsOf(signed),
    user: null,
    async ask(tools) {
      const known = tools.variables?.[signed.secret]
      const signer = { scheme: signed.scheme, secret: known ?? `whsec_${randomBytes(24).toString('base64')}` }
      const now = Date.now()
      const message = {
        body: JSON.stringify(sent.body ?? {}),
        id: `msg_${randomBytes(8).toString('hex')}`,
        time: String(Math.floor(now / 1_000)),
      }
      const all = forgeriesOf(signer, message, now)
      const forgeries = known === undefined ? all.filter(({ goal }) => WITHOUT_SECRET.has(goal)) : all
      const unasked = known === undefined ? ['right', ...all.filter((one) => !forgeries.includes(one)).map(({ goal }) => goal)] : []
      const outcome = await askForged(tools, { forgeries, sent, message })
      if (outcome.wrong !== null || known === undefined)
        return { ...outcome, left: Object.fromEntries(unasked.map((goal) => [goal, NO_SECRET])) }
      if (!isRead) return { ...outcome, left: { right: 'a right message would run the action' } }
      return (await askRight(tools, { signer, sent, message })) ?? outcome
    },
  }
}

interface Asked {
  readonly sent: SentOverHttp
  readonly message: Message
}

const WHY = 'only the sender has the secret, and a copy of a message is old after a while'

async function askForged(
  tools: ProbeTools,
  { forgeries, sent, message }: Asked & { readonly forgeries: readonly Forgery[] },
): Promise<ProbeOutcome> {
  let last: ProbeOutcome | null = null
  for (const { goal, headers } of forgeries) {
    const request = { ...sent, body: message.body, headers }
    const answer = await tools.send({ ...request, token: null })
    const wrong = answer.status === 401 ? null : `status ${answer.status} for the signature ${goal}: ${answer.text.slice(0, 200)}`
    last = { wrong, statuses: [401], why: WHY, sent: request, answer }
    if (wrong !== null) return last
  }
  if (last === null) throw new Error('a scheme has forgeries')
  return last
}

/** A right signature over a body that is no JSON: the signature is taken and nothing runs. Null if all is as expected. */
async function askRight(tools: ProbeTools, { signer, sent, message }: Asked & { readonly signer: Signer }): Promise<ProbeOutcome | null> {
  const broken = { ...message, body: '[' }
  const request = { ...sent, body: broken.body, headers: signedHeaders(signer, broken) }
  const answer = await tools.send({ ...request, token: null })
  if (answer.status === 400) return null
  return { wrong: `status ${answer.status} for a right signature`, statuses: [400], why: 'the sender has signed it', sent: request, answer }
}
