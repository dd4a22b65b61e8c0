/** F103: after its deletion, a row is answered like one that never was, behind every door and on every instance. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { firstWrong, isRenewed, laterRequests, seenBefore } from '../everywhere/gone-doors.ts'
import { deletedAccount, goneWith } from '../everywhere/gone-with.ts'
import { storingOf } from '../files/stored-files.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** The claim about deletes of an entity. None where nobody can delete a row that then could be read. @param password of all accounts */
export function goneRows(asking: PlannedWorld, entity: Entity, password: string): PlannedFamily {
  return familyOf(
    {
      of: 'F103',
      entity: entity.name,
      claim: `A ${entity.name} that was deleted is answered as one that never was, on every instance (OWASP API1).`,
      text: 'after a delete: each method with the id, the ETag and the cursor of before, lists, relations and references, its files and links to them, on the instance that deleted and on the other one; the same for rows that a delete takes along; tokens, sign-in and files of an account that was deleted',
      oracle: 'the same request about a made-up id, compared byte for byte; lists have no such row',
    },
    [...deletion(asking, entity), ...goneWith(asking, entity), ...deletedAccount(asking, entity, password)],
  )
}

function deletion(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
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
      goal: 'deleted',
      goals: [...later.map(({ name }) => name), 'unless-etag', 'cursor', 'other-instance', ...linksOf(asking, entity, row)],
      user,
      ask: async (tools) => {
        const token = tools.tokenOf(user)
        const sent = httpRequestOf(reference.model, request)
        const before = await seenBefore(asking, tools, { entity, row, token })
        const answer = await tools.send({ ...sent, token })
        const all = [...later, ...before]
        const wrong =
          answer.status === 204 ? await firstWrong(tools, { all, token, id: request.id }) : `the delete is answered ${answer.status}`
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
