/** Findings about answers in other forms than JSON: CSV, and pages with their templates. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings by code. */
export const PAGES = {
  'PLN-D543': {
    severity: 'error',
    title: 'Answer that is no table',
    meaning: 'CSV has rows and columns: the answer is a list of objects, and each member of an object is one value.',
    remedy: 'Answer { each: …, is: { name: value } }, and name the fields of a row one by one.',
  },
  'PLN-D590': {
    severity: 'error',
    title: 'Page without a template that can be read',
    meaning:
      'An action with type html is filled into the file that template names: a text in UTF-8 of at most 256 KiB in the folder of the design, or below it. Pages about failures are where browsers ask: at endpoints with type html, redirect or accepts form.',
    remedy: 'Write template with the path of the file relative to the design, beside an endpoint with type html.',
  },
  'PLN-D591': {
    severity: 'error',
    title: 'Template that cannot be parsed',
    meaning:
      'A template has values {{name}}, the blocks if, unless, each and with, else, and comments. It has no helpers, no other files and no values without escaping.',
    remedy: 'Correct the template; compute values in the answer of the action.',
  },
  'PLN-D592': {
    severity: 'error',
    title: 'Name that the answer has not',
    meaning:
      'A template or the target of a redirect names a part that the answer of its action has not, or uses a part as something that it is not.',
    remedy: 'Correct the name, or add the part to the answer.',
  },
  'PLN-D593': {
    severity: 'error',
    title: 'Value where no escaping is right',
    meaning:
      'Values may stand in text and in quoted attributes that hold text or a URL. In a style, an event handler, a comment, a tag, an attribute without quotes or the host of a URL, a value could become code or lead elsewhere.',
    remedy: 'Move the value into text or a quoted attribute. A class chosen by {{#if}} replaces a value in a style.',
  },
  'PLN-D594': {
    severity: 'error',
    title: 'HTML that a page may not have',
    meaning: 'Pages run no scripts and contain no other documents: their Content-Security-Policy forbids it.',
    remedy: 'Remove the element or attribute. Styles stand in a style element.',
  },
} as const satisfies Record<string, DiagnosticFacts>
