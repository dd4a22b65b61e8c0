/** F103: after its deletion, a row is answered like one that never was, behind every door and on every instance. */

import { fileFieldsOf } from '../../../model/files/file-fields.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { REST } from '../../requests/transport.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { conditionalReads } from '../doors/conditional-reads.ts'
import { keysOfRows } from '../doors/keys-of-rows.ts'
import { goneAnswers } from '../everywhere/gone-answers.ts'
import { firstWrong, isRenewed, laterRequests } from '../everywhere/gone-doors.ts'
import { deletedAccount, goneWith, readBefore } from '../everywhere/gone-with.ts'
import { storingOf } from '../files/stored-files.ts'
import { fileEnds } from '../guarded/file-ends.ts'
import { familyOf, isRefusedAnswer, type SecurityProbe } from '../probes.ts'

/** The ways to delete a row. */
const TRANSPORTS = { rest: REST, transaction: TRANSACTION, graphql: GRAPHQL } as const

/** The claim about deletes of an entity. None where nobody can delete a row that then could be read. @param password of all accounts */
export function goneRows(asking: PlannedWorld, entity: Entity, password: string): PlannedFamily {
  return familyOf(
    {
      of: 'F103',
      entity: entity.name,
      claim: `A ${entity.name} that was deleted is answered as one that never was, on every instance (OWASP API1).`,
      text: 'after a delete: each method with the id, the ETag and the cursor of before, lists, relations and references, its files and links to them, and the messages of a subscription, on the instance that deleted and on the other one; deletes by transactions and GraphQL; creates that are sent again; the same for rows that a delete takes along; tokens, sign-in and files of an account that was deleted; rows that a client has, after a change of what their answer shows',
      oracle: 'the same request about a made-up id, compared byte for byte; lists have no such row',
    },
    [
      ...deletion(asking, entity, 'rest'),
      // How a row is deleted is the same for all entities, so other ways are asked of those that have something beside their rows.
      ...(['transaction', 'graphql'] as const).flatMap((api) => (hasMore(asking, entity) ? deletion(asking, entity, api) : [])),
      ...goneWith(asking, entity),
      ...deletedAccount(asking, entity, password),
      ...goneAnswers(asking, entity),
      ...conditionalReads(asking, entity),
      ...keysOfRows(asking, entity),
      ...fileEnds(asking, entity),
    ],
  )
}

/** Whether rows of an entity have files or messages, or the entity is the first one whose rows somebody may delete. */
function hasMore(asking: PlannedWorld, entity: Entity): boolean {
  const { model } = asking.reference
  const first = model.entities.find((one) => deletion(asking, one, 'rest').length > 0)
  return (
    entity === first ||
    fileFieldsOf(entity).length > 0 ||
    model.webhooks.some((one) => one.kind === 'subscribed' && one.entity === entity.name)
  )
}

function deletion(asking: PlannedWorld, entity: Entity, api: 'rest' | 'transaction' | 'graphql'): readonly SecurityProbe[] {
  const { reference } = asking
  if (!hasApi(reference.model, api)) return []
  const deleted = requestAnswered(
    asking,
    { entity, verb: 'delete', statuses: [204] },
    (one) => !isUnforeseen(reference, { ...one, api: 'rest' }) && !(one.request.kind === 'delete' && one.request.id === one.user),
  )
  if (deleted?.request.kind !== 'delete') return []
  const { user, request } = deleted
  const row = reference.find(entity.name, request.id)
  if (row === undefined) return []
  const later = laterRequests(asking, { entity, user, row })
  return [
    {
      goal: api === 'rest' ? 'deleted' : `deleted-${api}`,
      goals: [...later.map(({ name }) => name), 'unless-etag', 'cursor', 'other-instance', ...linksOf(asking, entity, row)],
      user,
      ask: async (tools) => {
        const token = tools.tokenOf(user)
        const { encode, adapt, decode } = TRANSPORTS[api]
        const caller = { reference, user, sight: reference.sightOf(user) }
        const asked = adapt(caller, request)
        const sent = encode(caller, asked, null)
        const before = await readBefore(asking, tools, { entity, row, reader: user })
        const answer = await tools.send({ ...sent, token })
        const all = [...later, ...before]
        const isDone = !isRefusedAnswer(sent, answer) && decode(caller, asked, answer).status < 300
        const wrong = isDone ? await firstWrong(tools, { all, token, id: request.id }) : `the delete is answered ${answer.status}`
        return { wrong, statuses: [204], why: 'the row is gone', sent, answer }
      },
      rows: (now, after) => (isRenewed(asking, entity, row) ? null : changeMismatch(now, expectationOf(now, user, request).change, after)),
    },
  ]
}

/** What is asked about links to the files of a row. */
function linksOf(asking: PlannedWorld, entity: Entity, row: PlainRow): readonly string[] {
  return storingOf(asking, entity, row).map(({ field }) => `links-${field.name}`)
}
