/** Resolves fields that hold files. */

import { ANY_BYTES, FILE_KINDS } from '../../base/media/file-kinds.ts'
import { covers } from '../../base/media/recognise.ts'
import type { FileType } from '../../model/field-type.ts'
import type { FileField } from '../authoring/file-design.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import { LARGEST_FILE } from '../language/language-forms.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'

/** Bytes of a file whose design gives no `max`: 5 MB. */
const DEFAULT_BYTES = 5 * 1024 ** 2

/** The type of a field that holds a file. */
export function resolveFile(
  entity: EntityOutline,
  field: FieldOutline,
  { design, rest, report }: { readonly design: FileField; readonly rest: string | null; readonly report: Report },
): FileType {
  const { accept = null } = design
  if (rest === null)
    report.add(
      'PLN-D680',
      [...field.at, 'type'],
      'files have addresses in REST, and the design switches REST off',
      'leave serve.rest out, or make it a segment such as /v2',
    )
  const max = bytesOf(design.max ?? DEFAULT_BYTES)
  if (max > LARGEST_FILE) report.add('PLN-D105', [...field.at, 'max'], `expected at most 50GB, found ${design.max}`)
  for (const [i, type] of (accept ?? []).entries()) {
    if (isKnown(type)) continue
    const near = didYouMean(type, FILE_KINDS.keys())
    report.add(
      'PLN-D681',
      [...field.at, 'accept', i],
      `${quote(type)} is no type that is recognised by content${near}`,
      near === '' ? 'choose a usual type such as image/png, image/* for all images, or application/octet-stream for any file' : undefined,
    )
  }
  return {
    kind: 'file',
    max,
    accept,
    address: { before: `${rest ?? ''}/${entity.path}/`, after: `/${field.name}` },
  }
}

const UNITS: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/** The number of bytes of a size such as `10MB`. The form of the text has been checked. */
function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size
  return Math.floor(Number.parseFloat(size) * (UNITS[size.slice(-2)] ?? 1))
}

function isKnown(type: string): boolean {
  return type === '*/*' || type === ANY_BYTES || FILE_KINDS.has(type) || [...FILE_KINDS.keys()].some((known) => covers(type, known))
}
