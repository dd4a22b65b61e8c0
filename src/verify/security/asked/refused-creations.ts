/** F104: a create that is refused leaves nothing, whatever the cause is and wherever it stands, and the next one succeeds. */

import { randomUUID } from 'node:crypto'
import { memo } from '../../../base/memo.ts'
import { restBase } from '../../../model/address/served.ts'
import { type Entity, entityNamed } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { Traces } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { refusedUploads } from '../doors/refused-uploads.ts'
import { atomicWays, type Way } from '../everywhere/refused-together.ts'
import { unanswerableWrites } from '../everywhere/unanswerable-writes.ts'
import { namedFault, pointerProblem } from '../guarded/named-faults.ts'
import { repeatedWrites } from '../guarded/repeated-writes.ts'
import { familyOf, isRefusedAnswer, type SecurityProbe } from '../probes.ts'
import { type Creator, creating, creatorOf, type SpoiledBody } from '../spoiled-bodies.ts'

/** What GraphQL itself refuses: it points at the input as a whole (GraphQL, section 3.10). */
const OF_THE_SCHEMA: ReadonlySet<string> = new Set(['missing', 'unknown-name'])

/** The claim about refused writes of an entity. It has no probes where no caller may write a row. */
export function refusedCreations(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const creator = creatorOf(asking, entity)
  const isFirst = firstWritten(asking) === entity
  return familyOf(
    {
      of: 'F104',
      entity: entity.name,
      claim: `A refused create of ${entity.name} leaves no row, event, job, file or number (OWASP API8).`,
      text: 'each cause of a refusal: alone, as the second of several rows, in a transaction and in GraphQL with @atomic after what succeeds, and as a nested row; also with an Idempotency-Key; then the same without the fault, with the same key; each write that asks for fields, rows or a form that its answer cannot have',
      oracle: 'all rows and all tables of the backend before and after; the rows that the last create must lead to',
    },
    [
      ...(creator === null ? [] : waysOf(asking, entity, creator).map((way) => probeOf(entity, { creator, way }))),
      ...unanswerableWrites(asking, entity),
      ...refusedUploads(asking, entity),
      ...(isFirst ? repeatedWrites(asking, entity) : []),
    ],
  )
}

/** The entity of which most kinds of writes are possible, none of which hashes a password. How a write is repeated is the same for all. */
const firstWritten = memo((asking: PlannedWorld): Entity | null => {
  const kinds = (entity: Entity): number => repeatedWrites(asking, entity).length
  const all = asking.reference.model.entities.filter(({ fields }) => !fields.some(({ type }) => type.kind === 'password'))
  return all.reduce<Entity | null>((most, one) => (kinds(one) > (most === null ? 0 : kinds(most)) ? one : most), null)
})

function waysOf(asking: PlannedWorld, entity: Entity, creator: Creator): readonly Way[] {
  const { model } = asking.reference
  const { user, good, bad } = creator
  const [first = {}, , last = first] = good
  const caller = { reference: asking.reference, user, sight: asking.reference.sightOf(user) }
  const plain = (rows: readonly BodyValues[], many = false): SentOverHttp => httpRequestOf(model, creating(entity, rows, many))
  const path = plain([first]).url
  const transaction = (bodies: readonly BodyValues[]): SentOverHttp => ({
    method: 'POST',
    url: `${restBase(model)}/transaction`,
    body: { operations: bodies.map((body) => ({ method: 'POST', path, body })) },
  })
  const graphql = (rows: readonly BodyValues[], many: boolean): Way['sent'] =>
    GRAPHQL.encode(caller, GRAPHQL.adapt(caller, creating(entity, rows, many)), null)
  const isSingle = good.length < 3
  // Hashing passwords takes long.
  const isCostly = entity.fields.some(({ type }) => type.kind === 'password')
  return [
    ...bad.flatMap((spoiled): readonly Way[] => {
      const { cause, body } = spoiled
      const name = namedFault(asking, entity.name, spoiled)
      const at = (place: string): Pick<Way, 'pointer'> => (name === null ? {} : { pointer: `${place}/${name}` })
      return [
        { goal: `${cause}/create`, sent: plain([body]), corrected: plain([first]), ...at('') },
        ...(isSingle || (isCostly && cause !== 'unique')
          ? []
          : [
              { goal: `${cause}/second-of-three`, sent: plain([first, body, last], true), corrected: plain([first], true), ...at('/1') },
              {
                goal: `${cause}/transaction`,
                sent: transaction([first, body]),
                corrected: transaction([first]),
                ...at('/operations/1/body'),
              },
              ...(hasApi(model, 'graphql')
                ? [
                    {
                      goal: `${cause}/graphql-many`,
                      sent: graphql([first, body, last], true),
                      corrected: graphql([first], true),
                      ...(OF_THE_SCHEMA.has(cause) ? {} : at('/1')),
                    },
                  ]
                : []),
            ]),
      ]
    }),
    ...(isCostly ? [] : atomicWays(asking, entity, creator)),
    ...nestedWays(asking, entity, creator),
  ]
}

/** A parent that succeeds, with a nested row that must be refused. */
function nestedWays(asking: PlannedWorld, entity: Entity, { user, good: [parent = {}] }: Creator): readonly Way[] {
  const { model } = asking.reference
  return entity.relations.flatMap(({ name, entity: childName, via }): readonly Way[] => {
    const child = entityNamed(model, childName)
    const creator = creatorOf(asking, child)
    const isWritable = asking.reference.sightOf(user).kind.writable(childName).has(via)
    if (creator === null || creator.user !== user || !isWritable) return []
    const inside = (body: BodyValues): BodyValues => Object.fromEntries(Object.entries(body).filter(([own]) => own !== via))
    const [good = {}] = creator.good
    const nested = ({ cause, body, changed }: SpoiledBody): Way => ({
      goal: `${cause}/nested-${name}`,
      ...(cause === 'unique' || changed.length > 1 ? {} : { pointer: `/${name}/1/${changed[0]}` }),
      sent: httpRequestOf(model, creating(entity, [{ ...parent, [name]: [inside(good), inside(body)] }])),
      corrected: httpRequestOf(model, creating(entity, [parent])),
    })
    // Without the reference to its parent, a body may break no rule, check or scope any more.
    const isOwn = uniquesOf(asking.reference.design.entities[childName]).every(({ names, where }) => names.length === 1 && where === 'true')
    return creator.bad
      .filter(
        ({ cause, changed }) => !changed.includes(via) && (cause === 'limit' || cause === 'unknown-name' || (cause === 'unique' && isOwn)),
      )
      .map(nested)
  })
}

interface Probing {
  readonly creator: Creator
  readonly way: Way
}

function probeOf(entity: Entity, { creator, way }: Probing): SecurityProbe {
  const { user, good } = creator
  const request = creating(entity, good.slice(0, 1))
  const { goal, sent, corrected, pointer } = way
  return {
    goal,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const keyed = { 'idempotency-key': randomUUID() }
      const traces = await tools.traces()
      const answer = await tools.send({ ...sent, token })
      const again = await tools.send({ ...sent, headers: { ...sent.headers, ...keyed }, token })
      const [rows, left] = [await tools.rows(), await tools.traces()]
      const outcome = { statuses: [400], why: 'one fault refuses the whole request', sent, answer }
      if (!isRefusedAnswer(sent, answer)) return { ...outcome, wrong: `status ${answer.status}: ${answer.text.slice(0, 200)}` }
      if (!isRefusedAnswer(sent, again)) return { ...outcome, wrong: `with an Idempotency-Key, status ${again.status}`, answer: again }
      const unnamed = pointer === undefined ? null : pointerProblem(answer, pointer)
      if (unnamed !== null) return { ...outcome, wrong: unnamed }
      const changed = JSON.stringify([...rows]) === JSON.stringify([...tools.before]) ? null : 'rows were left'
      const traced = leftBehind(traces, left)
      if ((changed ?? traced) !== null) return { ...outcome, wrong: changed ?? traced }
      // A refusal is not stored, so the corrected request may have the key of the one that was refused.
      const next = await tools.send({ ...corrected, headers: { ...corrected.headers, ...keyed }, token })
      const isDone = next.status < 300 && !isRefusedAnswer(corrected, next)
      const wrong = isDone
        ? next.headers['idempotency-replayed'] === undefined
          ? null
          : 'the corrected request with the same Idempotency-Key gets a stored answer'
        : `the same without the fault, with the same Idempotency-Key, is answered ${next.status}: ${next.text.slice(0, 200)}`
      return wrong === null ? { ...outcome, wrong } : { ...outcome, wrong, sent: corrected, answer: next }
    },
    rows: (now, after) => changeMismatch(now, expectationOf(now, user, request).change, after),
  }
}

/** What is more than before. Fewer rows are none of the request: the backend removes what has ended meanwhile. */
function leftBehind(before: Traces, after: Traces): string | null {
  const more = Object.entries(after).find(([name, now]) => {
    const was = before[name] ?? ''
    return now !== was && !(Number(now) < Number(was))
  })
  return more === undefined ? null : `${more[0]}: ${before[more[0]]} became ${more[1]}`
}
