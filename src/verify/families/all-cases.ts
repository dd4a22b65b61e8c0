/** The cases of all families of a design. */

import type { Model } from '../../model/model.ts'
import { type CasePlan, casesOf } from '../cases/cases-of.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { effectCases } from '../effects/effect-cases.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { messageCases } from '../messages/message-cases.ts'
import { scenarioCases } from '../scenarios/scenario-cases.ts'
import { securityCases } from '../security/asked/security-cases.ts'
import { signedRequestsLeft } from '../security/guarded/signed-requests.ts'
import { actionCases } from './action-cases.ts'
import { answerCases } from './answer-cases.ts'
import { eventCases } from './database/event-cases.ts'
import { indexCases } from './database/index-cases.ts'
import { documentCases } from './documents/document-cases.ts'
import { fileCases } from './documents/file-cases.ts'
import { mutationCases } from './documents/mutation-cases.ts'
import { restForms } from './documents/rest-cases.ts'
import { identityCases } from './identity/identity-cases.ts'
import { SAMPLE_PASSWORD } from './identity/signing-in.ts'
import { listCases } from './list-cases.ts'
import { raceCases } from './races/race-cases.ts'
import { relationCases } from './relation-cases.ts'
import { inputCases } from './values/input-cases.ts'
import { leftOutCases } from './values/left-out.ts'
import { lookAlikeCases } from './values/look-alike-cases.ts'
import { outOfSightCases } from './values/out-of-sight.ts'
import { passwordCases } from './values/password-cases.ts'
import { sizeCases } from './values/size-cases.ts'
import { spellingCases } from './values/spelling-cases.ts'
import { upsertKeyCases } from './values/upsert-keys.ts'

/** Plans access, values and all other families. Pure and deterministic. @param passwordHash the stored form of `SAMPLE_PASSWORD`. */
export function allCasesOf(design: WrittenDesign, model: Model, passwordHash: string): CasePlan {
  const plan = casesOf(design, model, passwordHash)
  const reference = referenceOf(design, model, plan.world.rows)
  const asking = { reference, world: plan.world }
  const actions = actionCases(asking)
  const effects = effectCases(asking, passwordHash)
  const scenarios = scenarioCases(asking, passwordHash)
  const families = [
    ...lookAlikeCases(asking),
    ...passwordCases(asking),
    ...spellingCases(asking),
    ...leftOutCases(asking),
    ...upsertKeyCases(asking),
    ...outOfSightCases(asking),
    ...inputCases(asking),
    ...sizeCases(asking),
    ...listCases(asking),
    ...documentCases(asking),
    ...mutationCases(asking),
    ...restForms(asking),
    ...fileCases(asking),
    ...indexCases(asking),
    ...relationCases(asking),
    ...eventCases(asking),
    ...raceCases(asking),
    ...identityCases(asking),
    ...actions.families,
    ...effects.families,
    ...scenarios.families,
    ...securityCases(asking, SAMPLE_PASSWORD),
  ]
  const later = messageCases(asking)
  const all = [answerCases(asking), ...families]
  return {
    ...plan,
    families: [...families, ...later.families].map((family) => family.plan),
    cases: [...plan.cases, ...all.flatMap(({ cases }) => cases.filter((one) => !isUnforeseen(reference, one)))],
    probes: all.flatMap(({ probes }) => probes),
    messages: later.families.flatMap(({ cases }) => cases),
    left: [
      ...plan.left,
      ...actions.left,
      ...effects.left,
      ...scenarios.left,
      ...signedRequestsLeft(asking),
      ...later.left,
      ...families
        .filter((family) => family.plan.untested.length > 0)
        .map((family) => ({
          what: `${family.plan.id}: ${family.plan.untested.join(', ')}`,
          why: 'no row or caller of the generated world leads to it',
        })),
    ],
  }
}
