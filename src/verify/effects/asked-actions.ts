/** Which actions have cases about their effects, and why others have none. */

import type { Action } from '../../model/action.ts'
import { entityNamed, isToken, type Model } from '../../model/model.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import type { WrittenLogic } from '../fold/written-logic.ts'
import { isNeededInput, whyNoRequest } from '../requests/action-request.ts'

/** Why the effects of an action are not asked; null if they are. */
export function whyNoEffects(reference: ReferenceBackend<WrittenLogic>, action: Action): string | null {
  const { run, steps, inputs, address, signsOut } = action
  if (run !== null) return 'they are code'
  if (action.allowSource === null) return 'nobody may call them, or only other steps do'
  const why = whyNoRequest(reference, action)
  if (why !== null) return why.replace(/^its /, 'their ').replace(/^it needs /, 'they need ')
  if (steps.some(({ verb }) => verb === 'signIn') || signsOut) return 'they begin or end sessions'
  if (address.type !== 'json' || address.redirect !== null) return 'they answer no JSON'
  if (inputs.some(({ type }) => type.type.kind === 'password')) return 'they take passwords'
  if (inputs.some((input) => isNeededInput(input) && input.type.kind === 'reference' && isSecretField(reference.model, input.type)))
    return 'they take secrets'
  return null
}

function isSecretField(model: Model, { entity, by }: { readonly entity: string; readonly by: string }): boolean {
  return entityNamed(model, entity).fields.some((field) => field.name === by && isToken(field))
}
