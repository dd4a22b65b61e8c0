/** Resolves fields that hold files. */

import { ANY_BYTES, FILE_KINDS } from '../../base/media/file-kinds.ts'
import { covers } from '../../base/media/recognise.ts'
import type { FileType, ImageSize } from '../../model/field-type.ts'
import type { FileField } from '../authoring/file-design.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
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
    sizes: sizesOf(design, { at: field.at, max, report }),
    address: { before: `${rest ?? ''}/${entity.path}/`, after: `/${field.name}` },
  }
}

/** Bytes of an image that is made smaller, which is in memory meanwhile: 50 MB. */
const LARGEST_IMAGE = 50 * 1024 ** 2

interface SizedField {
  readonly at: Path
  readonly max: number
  readonly report: Report
}

function sizesOf({ sizes = {}, accept }: FileField, { at, max, report }: SizedField): readonly ImageSize[] {
  const names = Object.keys(sizes)
  if (names.length === 0) return []
  if (accept?.every((type) => type.startsWith('image/')) !== true)
    report.add('PLN-D685', [...at, 'sizes'], 'only images have sizes, and this field takes other files', 'add accept: [image/*]')
  if (max > LARGEST_IMAGE) report.add('PLN-D105', [...at, 'max'], 'expected at most 50MB for images with sizes')
  return Object.entries(sizes).map(([name, { width = null, height = null, fit = 'inside' }]) => {
    const path = [...at, 'sizes', name]
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(name))
      report.add(
        'PLN-D686',
        path,
        `${quote(name)} is no name of a size`,
        'take letters, digits, _ and -, at most 40, and begin with a letter',
      )
    if (width === null && height === null)
      report.add('PLN-D687', path, 'neither a width nor a height is given', 'add width, height or both')
    else if (fit === 'cover' && (width === null || height === null))
      report.add('PLN-D687', path, 'an image is cut to a width and a height, and one is missing', 'add it, or leave fit out')
    return { name, width, height, fit }
  })
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
