/** The code that a design names and nobody has written. */

import { dirname, join } from 'node:path'
import { readReference } from '../../design/language/code-reference.ts'
import type { Model } from '../../model/model.ts'
import { type LogicKind, namedLogic } from '../../verify/review/named-logic.ts'
import { relativeTo } from '../verifying/review/relative-to.ts'

/** One piece of code to write. */
export interface MissingCode {
  readonly kind: LogicKind
  /** `Order.pay`, `Article.beforeCreate`. */
  readonly name: string
  /** Its file, relative to the folder of the project, with `/`. */
  readonly file: string
}

/** Where a project is. */
export interface ProjectPlace {
  /** The folder with `package.json`, or that of the design: what is below it belongs to the project. */
  readonly root: string
  /** The absolute path of the design. */
  readonly design: string
}

/** The pieces in the order of the design. @param model with its code bound: code that is not written is still a path there */
export function piecesOf(model: Model, { root, design }: ProjectPlace): readonly MissingCode[] {
  return namedLogic(model).flatMap(({ kind, name, code }) => {
    const reference = typeof code === 'string' ? readReference(code) : null
    if (reference === null || 'wrong' in reference) return []
    return [{ kind, name, file: relativeTo(root, join(dirname(design), reference.path)) }]
  })
}

/** What `plinth verify --only` takes to ask about pieces: their tests, the actions, and the writes that hooks are part of. */
export function partsToVerify(pieces: readonly MissingCode[]): readonly string[] {
  const hooked = pieces.filter(({ kind }) => kind === 'hook').map(({ name }) => `access/${name.split('.')[0]}`)
  const actions = pieces.filter(({ kind }) => kind === 'action').map(({ name }) => `actions/${name}`)
  return ['tests', ...(actions.length > 1 ? ['actions'] : actions), ...new Set(hooked)]
}
