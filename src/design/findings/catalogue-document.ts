/** The catalogue of findings about the file and the structure of a design. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D0: reading the file. */
export const READING = {
  'PLN-D001': {
    severity: 'error',
    title: 'Design not found',
    meaning: 'The file or folder does not exist or cannot be read.',
    remedy: 'Check the path; a folder must hold design.ts, design.yaml, design.yml or design.json.',
  },
  'PLN-D003': {
    severity: 'error',
    title: 'Not a kind of file that holds a design',
    meaning: 'The name ends in none of the known extensions.',
    remedy: 'Use .ts, .mts, .js, .mjs, .yaml, .yml or .json.',
  },
  'PLN-D004': {
    severity: 'error',
    title: 'File too large',
    meaning: 'A design file may have at most 1 MB; it is refused before it is parsed.',
    remedy: 'Split it with include, or generate it in TypeScript.',
  },
  'PLN-D005': {
    severity: 'error',
    title: 'Not valid YAML or JSON',
    meaning: 'The file breaks the syntax of its format.',
    remedy: 'Look at the named line; indentation, a missing quote or a comma is the usual cause.',
  },
  'PLN-D006': {
    severity: 'error',
    title: 'YAML feature that a design does not use',
    meaning: 'Tags (!name), merge keys (<<), directives and several documents in one file are refused: a design is plain data.',
    remedy: 'Write the value out; an alias (*name) may stand for a repeated part.',
  },
  'PLN-D007': {
    severity: 'error',
    title: 'Alias that cannot be resolved',
    meaning: 'An alias has no anchor before it, contains itself, or makes the document too large.',
    remedy: 'Write the value out.',
  },
  'PLN-D009': {
    severity: 'error',
    title: 'Key given twice',
    meaning: 'One of the two values would be ignored.',
    remedy: 'Remove or rename one.',
  },
  'PLN-D010': {
    severity: 'error',
    title: 'Key that is not allowed',
    meaning: 'Keys must be text, and __proto__, constructor and prototype are refused.',
    remedy: 'Choose another name.',
  },
  'PLN-D012': {
    severity: 'error',
    title: 'Nested too deeply',
    meaning: 'The document has too many levels, or a part of it contains itself.',
    remedy: 'Remove the nesting.',
  },
  'PLN-D013': {
    severity: 'error',
    title: 'Too many values',
    meaning: 'The document, with its aliases written out, holds more values than a design may.',
    remedy: 'Split the backend into several.',
  },
  'PLN-D014': {
    severity: 'error',
    title: 'The design could not be executed',
    meaning: 'A TypeScript or JavaScript design is executed to get its data, and this one failed.',
    remedy: 'Correct this error.',
  },
  'PLN-D015': {
    severity: 'error',
    title: 'No design in the module',
    meaning: 'A TypeScript design must export its design as the default export.',
    remedy: 'Write export default backend({ … }).',
  },
  'PLN-D016': {
    severity: 'error',
    title: 'Include refused',
    meaning: "An included file must be a YAML or JSON file inside the design's own folder.",
    remedy: "Name a YAML or JSON file inside the design's folder, relative to the file that includes it.",
  },
  'PLN-D017': {
    severity: 'error',
    title: 'Includes in a circle',
    meaning: 'A file includes itself, directly or through others.',
    remedy: 'Remove one of the includes.',
  },
  'PLN-D018': {
    severity: 'error',
    title: 'Name or setting in two files',
    meaning: 'Each name and each setting may stand in one file only.',
    remedy: 'Keep it in one of the files.',
  },
  'PLN-D019': {
    severity: 'error',
    title: 'Number with more digits than are kept',
    meaning: 'Numbers of YAML and JSON are read as doubles, so this one would become another number.',
    remedy: 'Write a decimal as text, such as "0.100000000000000001"; give any other number fewer digits.',
  },
  'PLN-D021': {
    severity: 'error',
    title: 'Not plain data',
    meaning: 'A design holds text, numbers, booleans, lists and objects, and functions where logic is wanted; nothing else.',
    remedy: 'Write the value itself: a text instead of a Date, an object instead of an instance.',
  },
} as const satisfies Record<string, DiagnosticFacts>

/** D1: the structure of the document. */
export const STRUCTURE = {
  'PLN-D101': {
    severity: 'error',
    title: 'Unknown key',
    meaning: 'The language has no such key in this place.',
    remedy: 'Correct the spelling, or remove it; the message names what is known.',
  },
  'PLN-D102': {
    severity: 'error',
    title: 'Wrong kind of value',
    meaning: 'A value of another kind is expected here.',
    remedy: 'Write it like the example in the message.',
  },
  'PLN-D103': { severity: 'error', title: 'Key missing', meaning: 'A required key is missing.', remedy: 'Add the key.' },
  'PLN-D104': {
    severity: 'error',
    title: 'Not one of the possible values',
    meaning: 'Only certain words are allowed here.',
    remedy: 'Write one of the words that the message lists.',
  },
  'PLN-D105': {
    severity: 'error',
    title: 'Out of range',
    meaning: 'A number is outside its range, or a text is too long.',
    remedy: 'Stay within the limit.',
  },
  'PLN-D106': {
    severity: 'error',
    title: 'Not in the right form',
    meaning: 'The text does not have the form that is needed here.',
    remedy: 'Write it in the form that the message names.',
  },
  'PLN-D107': {
    severity: 'error',
    title: 'Too many or too few entries',
    meaning: 'A list or map has a limit.',
    remedy: 'Stay within it.',
  },
  'PLN-D108': {
    severity: 'warning',
    title: 'More findings than are shown',
    meaning: 'There are more findings; correcting the first often removes many.',
    remedy: 'Correct those that are shown and look again.',
  },
} as const satisfies Record<string, DiagnosticFacts>
