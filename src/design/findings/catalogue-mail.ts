/** Findings about mails. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings by code. */
export const MAIL = {
  'PLN-D640': {
    severity: 'error',
    title: 'Mail without a template',
    meaning: 'A reaction sends a mail that the design does not have.',
    remedy: 'Declare it under integrations.email.templates, or correct the name.',
  },
  'PLN-D641': {
    severity: 'error',
    title: 'Text of a mail that cannot be read',
    meaning: 'Braces stand around expressions: {name} shows a value.',
    remedy: 'Write {{ and }} for braces in the text.',
  },
  'PLN-D642': {
    severity: 'error',
    title: 'Languages that do not fit',
    meaning: 'Every text of a mail that has languages has the same ones, so that each recipient gets a mail in one language.',
    remedy: 'Add the missing versions. A text that is the same in all languages is written without them.',
  },
  'PLN-D643': {
    severity: 'error',
    title: 'Link of a mail that could lead elsewhere',
    meaning:
      'Links have the scheme http, https, mailto or tel. A value in a link is encoded and chooses neither its scheme nor its host, unless it is a value of the type url at the beginning.',
    remedy: 'Write the scheme and the host in the design.',
  },
  'PLN-D644': {
    severity: 'error',
    title: 'File of a mail that cannot be read',
    meaning:
      'Images and attached files stand in the folder of the design, or below it, and have at most 5 MiB, all of a mail 7 MiB; images are PNG, JPEG or GIF.',
    remedy: 'Correct the path, or move the file.',
  },
  'PLN-D645': {
    severity: 'error',
    title: 'Sender that is no address',
    meaning: 'The sender of mails is one address, with a name before it or without.',
    remedy: 'Write from: Blog <no-reply@example.com>.',
  },
  'PLN-D646': {
    severity: 'warning',
    title: 'Mail that shows a hidden value',
    meaning:
      'Mails are made without access rules. This one shows a field with a read rule of its own, and the rule is not sure to hold for the recipient.',
    remedy: 'Leave the value out, unless the recipient may know it.',
  },
  'PLN-D647': {
    severity: 'warning',
    title: 'Mail that nothing sends',
    meaning: 'The names in a template are those of the event that sends it. Without one, the template cannot be checked.',
    remedy: 'Send it by a reaction, or remove it.',
  },
  'PLN-D648': {
    severity: 'error',
    title: 'Table of a mail without rows',
    meaning: 'A table has one line for each row of a relation of the row that the event is about, or of a row that it refers to.',
    remedy: 'Write each: l in lines.',
  },
  'PLN-D649': {
    severity: 'error',
    title: 'Language of a recipient that is not known',
    meaning: 'integrations.email.language names the field, of a text or a choice, in which the row with the address has the language.',
    remedy: 'Name such a field, or write the texts in one language.',
  },
} as const satisfies Record<string, DiagnosticFacts>
