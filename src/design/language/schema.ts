/** Makes the JSON Schema (2020-12) of a design from the language, so that editors complete YAML and JSON. */

import { unreachable } from '../../base/unreachable.ts'
import { PROTOTYPE_KEYS } from '../authoring/plain.ts'
import type { Form, ObjectForm } from './form.ts'
import { DESIGN } from './language.ts'
import { EXPRESSION_MAX, TREE_MAX } from './language-forms.ts'

type Json = Readonly<Record<string, unknown>>
type Definitions = Record<string, Json>

/** One JSON Schema for the whole document; parts that occur in several places are under `$defs`. */
export const designSchema: Json = makeSchema()

function makeSchema(): Json {
  const definitions: Definitions = {
    expression: { type: 'string', maxLength: EXPRESSION_MAX, description: 'An expression in CEL (Common Expression Language).' },
    span: { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,3})?(ms|s|m|h|d)$', description: 'A length of time: 50ms, 30s, 5m, 2h, 90d.' },
  }
  const value = { anyOf: [{ $ref: '#/$defs/expression' }, { type: ['number', 'boolean', 'null'] }] }
  definitions.value = { ...value, description: 'An expression in CEL, or a number, true, false or null.' }
  definitions.tree = {
    description: 'A JSON tree; its leaves are expressions, numbers, true, false and null.',
    anyOf: [
      ...value.anyOf,
      {
        type: 'object',
        additionalProperties: { $ref: '#/$defs/tree' },
        propertyNames: { not: { enum: [...PROTOTYPE_KEYS] } },
        maxProperties: TREE_MAX,
      },
    ],
  }
  const root = objectSchema(withInclude(DESIGN), definitions)
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Plinth design', ...root, $defs: definitions }
}

/**
 * Adds the key `include`, which only files have: reading a design replaces it with the content of the files. An included file needs no
 * name.
 */
function withInclude(design: ObjectForm): ObjectForm {
  const include = {
    form: { kind: 'list', of: { kind: 'text', max: 500 }, min: 1, max: 100 },
    required: false,
    description: 'Further YAML or JSON files of the same design, relative to this one.',
    example: ['entities/post.yaml'],
  } as const
  return { ...design, keys: { ...design.keys, include } }
}

function schemaOf(form: Form, definitions: Definitions): Json {
  switch (form.kind) {
    case 'text':
      return {
        type: 'string',
        minLength: form.empty === true ? 0 : 1,
        maxLength: form.max,
        ...(form.pattern === undefined ? {} : { pattern: form.pattern.source }),
      }
    case 'expression':
    case 'span':
      return { $ref: `#/$defs/${form.kind}` }
    case 'null':
      return { type: 'null' }
    case 'boolean':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', minimum: form.min, maximum: form.max }
    case 'number':
      return { type: 'number' }
    case 'enum':
      return { enum: form.values }
    case 'code':
      return { type: 'string', minLength: 1 }
    case 'value':
    case 'tree':
      return { $ref: `#/$defs/${form.kind}` }
    case 'json':
      return {}
    case 'list':
      return { type: 'array', items: schemaOf(form.of, definitions), minItems: form.min, maxItems: form.max }
    case 'map':
      return {
        type: 'object',
        additionalProperties: schemaOf(form.of, definitions),
        propertyNames: { not: { enum: [...PROTOTYPE_KEYS] } },
        maxProperties: form.max,
      }
    case 'object':
      return named(form.title, definitions, () => objectSchema(form, definitions))
    case 'tagged':
      return named(form.title, definitions, () => taggedSchema(form, definitions))
    case 'keyed':
      return named(form.title, definitions, () => ({ anyOf: Object.values(form.cases).map((c) => schemaOf(c, definitions)) }))
    case 'either':
      return { anyOf: form.of.map((f) => schemaOf(f, definitions)) }
    default:
      return unreachable(form)
  }
}

/** Puts a named form under `$defs` once and refers to it. */
function named(title: string | undefined, definitions: Definitions, make: () => Json): Json {
  if (title === undefined) return make()
  if (definitions[title] === undefined) {
    definitions[title] = {}
    definitions[title] = make()
  }
  return { $ref: `#/$defs/${title}` }
}

function objectSchema(form: ObjectForm, definitions: Definitions): Json {
  const entries = Object.entries(form.keys)
  const required = entries.filter(([, key]) => key.required).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, key]) => [name, { description: key.description, examples: [key.example], ...schemaOf(key.form, definitions) }]),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

/** One `if` for each case, so that an editor completes and explains only the keys of the current case. */
function taggedSchema(form: Extract<Form, { kind: 'tagged' }>, definitions: Definitions): Json {
  const names = Object.keys(form.cases)
  return {
    type: 'object',
    properties: { [form.tag]: { enum: names } },
    required: [form.tag],
    allOf: Object.entries(form.cases).map(([name, c]) => {
      const schema = objectSchema(c, definitions) as { readonly properties: Json }
      return {
        if: { properties: { [form.tag]: { const: name } }, required: [form.tag] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { ...schema, properties: { [form.tag]: { const: name }, ...schema.properties } },
      }
    }),
  }
}
