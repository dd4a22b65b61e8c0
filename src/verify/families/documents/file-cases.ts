/** The cases of the family `documents` for files: a file is stored, asked for in each form, and is the same afterwards. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase, ProbeOutcome } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { fileDoors, type StoredAndRead, sampleOf, storedAndRead } from '../../security/files/stored-files.ts'
import { type FileForm, fileForms } from './file-forms.ts'

const ID = 'documents/files'
const KEPT = 'kept'

/** The claim about the first field whose file a caller may change and read; none for a design without one. */
export function fileCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  const found =
    model.served.rest === null ? [] : model.entities.flatMap((entity) => storedAndRead(asking, entity).map((one) => ({ entity, one })))
  const [first] = found
  return first === undefined ? [] : [familyOf(asking, first)]
}

function familyOf(
  { reference: { model } }: PlannedWorld,
  { entity, one }: { readonly entity: Entity; readonly one: StoredAndRead },
): PlannedFamily {
  const { storing, row } = one
  const forms = fileForms(model, storing, String(row.id))
  const goals = [...forms.map(({ goal }) => goal), KEPT]
  return {
    plan: {
      id: ID,
      claim: `Requests about files such as ${entity.name}.${storing.field.name} are answered as the reference says, and refused ones change nothing.`,
      path: ['entities', entity.name, 'fields', storing.field.name],
      oracle: 'the reference of files',
      text: 'links, tickets, queries and bodies with one fault each, and at their limits',
      what: 'answers',
      asked: goals,
      impossible: [],
      untested: [],
    },
    cases: [],
    probes: [probeOf(one, { forms, goals, read: fileDoors(model, storing)[0]?.to(String(row.id)) ?? storing.sent })],
  }
}

interface Asked {
  readonly forms: readonly FileForm[]
  readonly goals: readonly string[]
  readonly read: FileForm['sent']
}

function probeOf({ storing }: StoredAndRead, { forms, goals, read }: Asked): ProbeCase {
  return {
    ...{ name: `${ID}/forms`, claim: ID, door: 'rest', user: storing.by, goals, atoms: {} },
    async ask(tools): Promise<ProbeOutcome> {
      const token = tools.tokenOf(storing.by)
      const stored = await tools.send({ ...storing.sent, token })
      const outcome = (wrong: string | null, last: Pick<ProbeOutcome, 'sent' | 'answer' | 'statuses'>): ProbeOutcome => ({
        ...{ ...last, wrong, why: 'the reference of files says so' },
      })
      if (stored.status !== 200)
        return outcome(`the file is not stored: status ${stored.status}`, { statuses: [200], sent: storing.sent, answer: stored })
      const before = JSON.stringify([...(await tools.rows())])
      for (const { goal, sent, status, code, check } of forms) {
        const answer = await tools.send({ ...sent, token })
        const said = answer.json?.code
        const wrong =
          answer.status !== status
            ? `status ${answer.status}`
            : code !== undefined && said !== code
              ? `code ${said}, expected ${code}`
              : (check?.(answer) ?? null)
        if (wrong !== null) return outcome(`${goal}: ${wrong}`, { statuses: [status], sent, answer })
      }
      const kept = await tools.send({ ...read, token })
      const isKept =
        kept.status === 200 &&
        kept.text === sampleOf(storing.field).bytes.toString() &&
        JSON.stringify([...(await tools.rows())]) === before
      return outcome(isKept ? null : `${KEPT}: the file or a row has changed`, { statuses: [200], sent: read, answer: kept })
    },
    // The row has got a file.
    rows: () => null,
  }
}
