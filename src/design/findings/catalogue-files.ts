/** The catalogue of findings about files. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings about files, by code. */
export const FILE_FINDINGS = {
  'PLN-D680': {
    severity: 'error',
    title: 'Files without addresses',
    meaning: 'A file is sent to an address below that of its row and read from there, and the design switches these addresses off.',
    remedy: 'Write serve: { rest: true }, or a segment such as /v2.',
  },
  'PLN-D681': {
    severity: 'error',
    title: 'Media type that is not recognised',
    meaning:
      'The type of a file is found by its content, not by what its sender says. Plinth knows the content of the usual types of images, ' +
      'documents, sound, video, archives and text.',
    remedy: 'Correct the type, write image/* for all images, or add application/octet-stream to take files whatever they are.',
  },
  'PLN-D683': {
    severity: 'error',
    title: 'Action at the address of a file',
    meaning: 'A file has the address of its row followed by the name of its field, and so has an action on the row.',
    remedy: 'Rename the field or the action, or give the action an address of its own.',
  },
  'PLN-D684': {
    severity: 'error',
    title: 'Value that is no upload',
    meaning:
      'A row gets a file by the ticket of an upload, which a caller sends. No expression makes a ticket, and two rows do not share a file.',
    remedy: 'Give the action an input of the field, such as Post.photo, and write input.photo; or write null to take the file away.',
  },
  'PLN-D685': {
    severity: 'error',
    title: 'Sizes of files that are no images',
    meaning: 'Smaller copies are made of images only, and the field takes other files, too.',
    remedy: 'Add accept: [image/*], or the types of images that the field takes.',
  },
  'PLN-D686': {
    severity: 'error',
    title: 'Name of a size',
    meaning: 'The name of a size is a part of addresses and of the names of stored files.',
    remedy: 'Take letters, digits, _ and -, at most 40 of them, and begin with a letter.',
  },
  'PLN-D687': {
    severity: 'error',
    title: 'Size without a measure',
    meaning: 'A size has a width, a height or both, in pixels; an image that is cut (fit: cover) has both.',
    remedy: 'Add width or height.',
  },
} as const satisfies Record<string, DiagnosticFacts>
