/** An OpenAPI document that is being read for a client, and what is wrong with it. */

import { isObject } from '../../base/is-object.ts'
import { type ObjectPart, type Part, pointedTo } from '../contract/references.ts'
import type { DiagnosticCode } from '../findings/catalogue.ts'
import type { Report } from '../findings/report.ts'
import type { Path, SourceDocument } from '../findings/source.ts'

/** The reading of a document. */
export interface ClientReading {
  readonly document: SourceDocument
  readonly report: Report
}

/** A part of the document that makes an operation unusable. The message says what it is. */
export class UnusablePart extends Error {
  readonly path: Path

  constructor(message: string, path: Path) {
    super(message)
    this.path = path
  }
}

/** Adds a finding at a place of the document. */
export function reportAt({ document, report }: ClientReading, code: DiagnosticCode, path: Path, said: readonly [string, string?]): void {
  report.addAt(code, document.at(path), ...said)
}

/** A reference that leads to nothing. @param path that of the part with the reference */
export function deadReference(reference: string, path: Path): UnusablePart {
  return new UnusablePart(`the reference ${JSON.stringify(reference.slice(0, 200))} leads to nothing in this document`, path)
}

/** How many references may follow one another. */
const MAX_STEPS = 20

/** The part that a part refers to, or the part itself. @throws UnusablePart when there is none */
export function target({ document }: ClientReading, part: Part): Part {
  let at = part
  for (let steps = 0; ; steps++) {
    const reference = isObject(at.value) && typeof at.value.$ref === 'string' ? at.value.$ref : null
    if (reference === null) return at
    const found = steps < MAX_STEPS ? pointedTo(document.value, reference) : null
    if (found === null) throw deadReference(reference, at.path)
    at = found
  }
}

/** The object that a part is or refers to. @throws UnusablePart for anything else */
export function objectOf(reading: ClientReading, part: Part): ObjectPart {
  const { value, path } = target(reading, part)
  if (!isObject(value)) throw new UnusablePart('expected an object', path)
  return { value, path }
}
