import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Design } from '../authoring/design.ts'
import type { AnswerDesign } from '../authoring/logic-design.ts'
import type { Form, Infer } from './form.ts'
import { DESIGN } from './language.ts'

type Facts = Infer<typeof DESIGN>

test('the TypeScript types and the facts that the checker reads say the same', () => {
  // Both assignments are checked by tsc: a key, type or choice that only one side knows does not compile.
  const typed = (facts: Facts): Design => facts
  const stated = (design: Design): Facts => design
  assert.equal(typeof typed, typeof stated)
})

test('no key is known to the types alone', () => {
  type Missing = Exclude<KeyPaths<Design>, KeyPaths<Facts>> | Exclude<KeyPaths<Facts>, KeyPaths<Design>>
  const none: [Missing] extends [never] ? true : Missing = true
  assert.equal(none, true)
})

/** All dotted paths of keys, through maps and lists; this finds optional keys that mutual assignment lets pass. */
type KeyPaths<T> = T extends (...args: never[]) => unknown
  ? never
  : T extends readonly (infer I)[]
    ? KeyPaths<I>
    : T extends object
      ? string extends keyof T
        ? AnswerDesign extends T[keyof T & string]
          ? never
          : KeyPaths<T[keyof T & string]>
        : { [K in keyof T & string]: K | `${K}.${KeyPaths<NonNullable<T[K]>>}` }[keyof T & string]
      : never

test('every key has a description and an example that the checker accepts', () => {
  let keys = 0
  const visit = (form: Form): void => {
    switch (form.kind) {
      case 'object':
        for (const key of Object.values(form.keys)) {
          keys++
          assert.match(key.description, /^[A-Z"'].*\.$/)
          assert.notEqual(key.example, undefined)
          visit(key.form)
        }
        return
      case 'tagged':
      case 'keyed':
        Object.values(form.cases).forEach(visit)
        return
      case 'list':
      case 'map':
        visit(form.of)
        return
      case 'either':
        form.of.forEach(visit)
    }
  }
  visit(DESIGN)
  assert.ok(keys > 150, String(keys))
})
