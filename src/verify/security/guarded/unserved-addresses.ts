/** F210: addresses of each kind that a backend could have, with the names of a design that has none of that kind there. */

import { restBase } from '../../../model/address/served.ts'
import { fileFieldsOf } from '../../../model/files/file-fields.ts'
import type { Model } from '../../../model/model.ts'
import { isNever } from '../../../model/predicate.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { actionRequest } from '../../requests/action-request.ts'
import type { SecurityProbe } from '../probes.ts'
import { documentedPaths } from '../sub-addresses.ts'

/** More callers, and more names of entities, show nothing new. */
const MOST_ACCOUNTS = 3
const MOST_ENTITIES = 3
/** A name that no design has. */
const NOTHING = 'nothing-of-this-name'
const WHY = 'the design has nothing there, so the address is answered as one with a made-up name'

/** An address that the design does not have. */
interface Unserved {
  readonly goal: string
  /** The request with a name at the place where the address has it. */
  readonly to: (name: string) => SentOverHttp
  readonly name: string
}

/** The probes: one for each kind of addresses. None for kinds of which the design has every address. */
export function unservedAddresses(asking: PlannedWorld): readonly SecurityProbe[] {
  const { model } = asking.reference
  const named = documentedPaths(model)
  // Code answers at routes that no document of Plinth has.
  const routed = (model.routes?.declared ?? []).map(({ path }) => path.split(/[:{*]/, 1)[0] ?? '')
  const isServed = (url: string): boolean => named.some((path) => path.test(url)) || routed.some((path) => url.startsWith(path))
  const all = [...actionsElsewhere(asking), ...partsAsAddresses(model), ...formsOfRows(asking)].filter(
    ({ to, name }) => !isServed(to(name).url) && !isServed(to(NOTHING).url),
  )
  const kinds = Map.groupBy(all, ({ goal }) => goal.split('/')[0] ?? '')
  return [...kinds].map(([kind, addresses]) => probeOf(asking, kind, addresses))
}

function probeOf({ world }: PlannedWorld, kind: string, addresses: readonly Unserved[]): SecurityProbe {
  return {
    goal: `unserved/${kind}`,
    goals: [...new Set(addresses.map(({ goal }) => `unserved/${goal}`))],
    user: null,
    async ask({ send, tokenOf }) {
      const outcome = { statuses: [404, 405], why: WHY }
      let last = {
        sent: { method: 'GET', url: '/' } as SentOverHttp,
        answer: { status: 0, headers: {}, text: '', json: undefined } as Answered,
      }
      for (const user of [null, ...world.accounts.slice(0, MOST_ACCOUNTS)]) {
        const token = tokenOf(user)
        const twins = new Map<string, Answered>()
        for (const { to, name } of addresses) {
          const sent = to(name)
          const answer = await send({ ...sent, token })
          const other = to(NOTHING)
          const key = `${other.method} ${other.url}`
          const twin = twins.get(key) ?? (await send({ ...other, token }))
          twins.set(key, twin)
          last = { sent, answer }
          const wrong = difference(answer, twin)
          if (wrong !== null) return { ...outcome, wrong: `${sent.method} ${sent.url}: ${wrong}`, ...last }
        }
      }
      return { ...outcome, wrong: null, ...last }
    },
  }
}

/** Suggestions name what is near, so only status and code are compared. */
function difference(answer: Answered, twin: Answered): string | null {
  if (![404, 405].includes(answer.status)) return `status ${answer.status}`
  const [own, other] = [answer, twin].map(({ status, json }) => `${status} ${String((json as { code?: unknown } | undefined)?.code ?? '')}`)
  return own === other ? null : `answered ${own}, and ${other} for a made-up name`
}

/** Actions with an address of their own at the usual one, and actions that nobody may call. */
function actionsElsewhere({ reference }: PlannedWorld): readonly Unserved[] {
  const { model } = reference
  const base = restBase(model)
  return model.actions.flatMap((action): readonly Unserved[] => {
    const { address, entity, name } = action
    if (!address.own && !isNever(action.allow)) return []
    const plain = { ...action, address: { ...address, signed: null, own: true, row: null } }
    const body = (actionRequest(reference, { action: plain, row: null, n: 1_600 })?.sent.body ?? {}) as object
    const place = entity === null ? 'actions' : (model.entities.find((one) => one.name === entity)?.path ?? entity)
    const id = entity === null ? null : String((reference.rows().get(entity) ?? [])[0]?.id ?? 'x')
    const at = (one: string): string => [base, place, ...(id === null ? [] : [encodeURIComponent(id)]), one].join('/')
    const label = entity === null ? name : `${entity}.${name}`
    const post = { goal: `actions/${label}`, name, to: (one: string) => ({ method: 'POST', url: at(one), body }) }
    // GET at the usual address of an action that nobody may call is a wrong method.
    return address.own ? [post, { ...post, to: (one: string) => ({ method: 'GET', url: at(one) }) }] : [post]
  })
}

/** Parts of a design that have a name and no address. */
function partsAsAddresses(model: Model): readonly Unserved[] {
  const base = restBase(model)
  const taken = new Set(model.entities.map(({ path }) => path))
  const parts: Readonly<Record<string, readonly string[]>> = {
    jobs: model.jobs.map(({ kind }) => kind),
    schedules: model.schedules.map(({ name }) => name),
    services: model.httpServices.map(({ name }) => name),
    webhooks: model.webhooks.map(({ name }) => name),
    entities: model.entities.slice(0, MOST_ENTITIES).map(({ name }) => name),
    auth: model.identity === null ? ['login', 'register', 'refresh', 'logout', 'me', 'sessions'] : [],
  }
  return Object.entries(parts).flatMap(([kind, names]) => {
    const places = [...(taken.has(kind) ? [] : [`${base}/${kind}`]), `/${kind}`, ...(kind === 'jobs' ? [`${base}/actions`] : [])]
    const own = kind === 'jobs' ? names.filter((name) => !model.actions.some((one) => one.entity === null && one.name === name)) : names
    return places.flatMap((place) =>
      own.flatMap((name) =>
        (['GET', 'POST'] as const).map((method) => ({
          goal: `${kind}/${name}`,
          name,
          to: (one: string) => ({ method, url: `${place}/${encodeURIComponent(one)}`, ...(method === 'GET' ? {} : { body: {} }) }),
        })),
      ),
    )
  })
}

/** Addresses below rows that files and subscriptions alone have. */
function formsOfRows({ reference }: PlannedWorld): readonly Unserved[] {
  const { model } = reference
  return model.entities.flatMap((entity) => {
    const files = new Set(fileFieldsOf(entity).map(({ name }) => name))
    const field = entity.fields.find(({ system, name }) => system === null && !files.has(name))?.name
    const row = (reference.rows().get(entity.name) ?? [])[0]
    if (field === undefined || row === undefined) return []
    const at = `${restBase(model)}/${entity.path}`
    const id = encodeURIComponent(String(row.id))
    const below: readonly (readonly [string, (name: string) => SentOverHttp])[] = [
      ['link', (name) => ({ method: 'POST', url: `${at}/${id}/${encodeURIComponent(name)}/link`, body: {} })],
      ['uploads', (name) => ({ method: 'POST', url: `${at}/${encodeURIComponent(name)}/uploads`, body: {} })],
    ]
    const isSubscribed = model.webhooks.some((one) => one.kind === 'subscribed' && one.entity === entity.name)
    const deliveries = { goal: `rows/${entity.name}.deliveries`, name: 'deliveries' }
    return [
      ...below.map(([what, to]) => ({ goal: `rows/${entity.name}.${what}`, name: field, to })),
      ...(isSubscribed ? [] : [{ ...deliveries, to: (name: string) => ({ method: 'GET', url: `${at}/${id}/${name}` }) }]),
    ]
  })
}
