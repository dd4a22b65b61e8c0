import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'parse5'
import { parseJson } from '../../../base/number/exact-json.ts'
import { compileTemplate } from '../../../design/pages/compile-template.ts'
import type { AnswerForm } from '../../../model/answer-form.ts'
import { fillPage } from './fill-page.ts'

const text: AnswerForm = { kind: 'scalar', scalar: 'text' }
const form: AnswerForm = {
  kind: 'object',
  isRow: false,
  members: new Map<string, AnswerForm>([
    ['a', text],
    ['b', text],
    ['n', { kind: 'scalar', scalar: 'number' }],
    ['list', { kind: 'list', of: { kind: 'object', members: new Map([['a', text]]), isRow: false }, isValue: false }],
    ['keyed', { kind: 'keyed', of: text }],
    ['one', { kind: 'object', members: new Map([['a', text]]), isRow: false }],
  ]),
}

const ROOM = { characters: 10_000, steps: 10_000 }

function filled(source: string, answer: unknown, room = ROOM): string | null {
  const problems: string[] = []
  const template = compileTemplate(source, form, (code, at, { message }) => problems.push(`${at.line}:${at.column} ${code} ${message}`))
  assert.deepEqual(problems, [], source)
  return fillPage(template, answer, room)
}

test('values, blocks and loops are filled in', () => {
  const answer = parseJson('{"a":"x","b":null,"n":12345678901234567890,"list":[{"a":"1"},{"a":"2"}],"keyed":{"k":"v"},"one":{"a":"in"}}')
  const cases: Readonly<Record<string, string>> = {
    '{{a}} {{b}} {{n}}': 'x  12345678901234567890',
    '{{#if a}}yes{{else}}no{{/if}}{{#unless b}}none{{/unless}}': 'yesnone',
    '{{#if b}}1{{else if a}}2{{else}}3{{/if}}{{^if b}}4{{/if}}': '24',
    '{{#each list}}{{@index}}{{a}}{{../a}}{{#unless @last}},{{/unless}}{{/each}}': '01x,12x',
    '{{#each keyed}}{{@key}}={{this}}{{#if @first}}!{{/if}}{{/each}}': 'k=v!',
    '{{#with one}}{{a}}{{../a}}{{@root.a}}{{/with}}{{list.length}}': 'inxx2',
    '<p>\n  {{#if a}}\n  <b>x</b>\n  {{/if}}\n</p>': '<p>\n  <b>x</b>\n</p>',
    'a \\{{a}}{{! comment }}{{~a~}} b': 'a {{a}}xb',
  }
  for (const [source, expected] of Object.entries(cases)) assert.equal(filled(source, answer), expected, source)
  assert.equal(filled('{{#each list}}x{{else}}none{{/each}}{{#with one}}x{{else}}none{{/with}}', { list: [], one: null }), 'nonenone')
})

test('a value is text wherever it stands', () => {
  const a = `<script>alert(1)</script>"'>&amp;`
  const escaped = '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&amp;amp;'
  assert.equal(filled('<title>{{a}}</title><p title="{{a}}">{{a}}', { a }), `<title>${escaped}</title><p title="${escaped}">${escaped}`)
})

test('a link whose value would run code leads nowhere', () => {
  const hostile = [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:x',
    'data:text/html,x',
    'vbscript:x',
    'blob:x',
  ]
  for (const a of hostile) assert.equal(filled('<a href="{{a}}">', { a }), '<a href="about:invalid">', JSON.stringify(a))
  const good = ['https://example.com/?a=1', '/x', 'x:y/z'.replace('x:', 'x/'), '?q', '#f', 'mailto:a@example.com', '//example.com', '']
  for (const a of good) assert.equal(filled('<a href="{{a}}">', { a }), `<a href="${a}">`)
})

test('a value inside a URL is one part of it', () => {
  const url = '<a href="/a/{{a}}?q={{b}}">'
  assert.equal(filled(url, { a: 'x/../y?z#"', b: 'ü&a=1' }), '<a href="/a/x%2F..%2Fy%3Fz%23%22?q=%C3%BC%26a%3D1">')
  assert.equal(filled(url, { a: '..', b: '' }), '<a href="about:invalid">')
  assert.equal(filled('<a href="/{{a}}/{{b}}">', { a: '', b: 'evil.example' }), '<a href="about:invalid">')
  assert.equal(filled('<a href="{{a}}/{{b}}/x">', { a: '', b: '' }), '<a href="about:invalid">')
  assert.equal(filled('<a href="{{a}}/x">', { a: 'https://example.com' }), '<a href="https://example.com/x">')
  assert.equal(filled('<a href="&amp;{{a}}">', { a: '\ud800' }), '<a href="&amp;%EF%BF%BD">')
})

test('random values never become markup', () => {
  const source =
    '<p title="{{a}}" class="x {{b}}">{{a}}{{b}}</p><textarea>{{a}}{{b}}</textarea><a href="{{a}}">x</a><a href="/x/{{a}}?{{b}}">y</a>'
  const piece = fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '</',
      'textarea',
      'script',
      ' ',
      '\n',
      '&#',
      ';',
      'lt;',
      'javascript:',
      '/',
      '\\',
      '=',
      '--',
      '\0',
    ),
    fc.string(),
  )
  const value = fc.array(piece, { maxLength: 8 }).map((all) => all.join(''))
  fc.assert(
    fc.property(value, value, (a, b) => {
      const page = filled(source, { a, b })
      assert.equal(shapeOf(parse(page ?? '')), 'html(head()body(p[class,title](#text)textarea(#text)a[href](#text)a[href](#text)))')
    }),
    { numRuns: 500 },
  )
})

interface Tree {
  readonly nodeName: string
  readonly attrs?: readonly { readonly name: string; readonly value: string }[]
  readonly childNodes?: readonly Tree[]
}

/** The elements of a tree with the names of their attributes. Texts may be empty, so they count as there. */
function shapeOf({ nodeName, attrs = [], childNodes }: Tree): string {
  if (nodeName === '#text') return '#text'
  for (const { name, value } of attrs) if (name === 'href') assert.doesNotMatch(value, /^[\0- ]*(?:javascript|data|vbscript):/i)
  const names = attrs.map(({ name }) => name).sort()
  const inner = (childNodes ?? []).map((child) => shapeOf(child as Tree)).join('')
  if (nodeName === '#document') return inner
  const content = /^(?:p|textarea)$/.test(nodeName) && inner === '' ? '#text' : inner
  return `${nodeName}${names.length === 0 ? '' : `[${names}]`}(${content})`
}

test('a page that would be too large or take too many steps is given up', () => {
  const list = Array.from({ length: 100 }, () => ({ a: 'x' }))
  assert.equal(filled('{{#each list}}{{a}}{{/each}}', { list }, { characters: 99, steps: 1_000 }), null)
  assert.equal(filled('{{#each list}}{{a}}{{/each}}', { list }, { characters: 100, steps: 1_000 })?.length, 100)
  const deep = '{{#each list}}{{#each ../list}}{{#each ../../list}}{{#each ../../../list}}{{/each}}{{/each}}{{/each}}{{/each}}'
  assert.equal(filled(deep, { list }), null)
})
